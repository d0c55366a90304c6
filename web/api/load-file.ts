import { addressOf } from '../ui/app-address.ts';
import { ApiError } from './api-error.ts';
import { readAnswer } from './read-answer.ts';
import { z } from 'zod';

/** A file of this server. Throws ApiError, also where a page of something in front came in its place. */
export async function loadFile(url: string): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(addressOf(url), { credentials: 'same-origin', redirect: 'manual' });
    const isPage = /^text\/html\b/i.test(response.headers.get('content-type') ?? '');
    if (response.ok && !isPage) return await response.blob();
    const { status } = response;
    readAnswer({ status, contentType: response.headers.get('content-type'), text: await response.text() }, z.never());
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(0, 'NETWORK', 'A file could not be loaded. Check your connection and try again.');
  }
  throw new ApiError(response.status, 'ANSWER_UNREADABLE', 'A file could not be loaded.');
}
