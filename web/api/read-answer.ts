import type { z } from 'zod';
import { problemSchema } from '../../core/api/common.ts';
import { ApiError } from './api-error.ts';

/** An answer as it came, whoever gave it. */
export interface Answer {
  /** 0: it leads to somewhere else (a redirect that was not followed). */
  readonly status: number;
  readonly contentType: string | null;
  readonly text: string;
}

const signIn = 'It may want you to sign in: reload this page, sign in there and try again.';

/** Why something that is not Heddle answered, by status; what is not listed has the words of `otherwise`. */
const wordsInFront: Readonly<Record<number, string>> = {
  0: `A proxy in front of Heddle redirected this request. ${signIn}`,
  200: `A proxy in front of Heddle answered with a page of its own. ${signIn}`,
  401: `A proxy in front of Heddle requires its own sign-in (status 401). ${signIn}`,
  403: `A proxy in front of Heddle blocked this request (status 403). ${signIn}`,
  404: 'A proxy in front of Heddle does not forward this path (status 404). Its operator has to forward /api to the server.',
  407: `A proxy requires its own sign-in (status 407). ${signIn}`,
  408: 'A proxy in front of the server timed out (status 408). Try again; a slow connection may need a longer timeout there.',
  411: 'A proxy in front of the server rejects requests without a length (status 411). Its operator has to allow them.',
  413: 'This is too large for the proxy in front of the server (status 413). Use something smaller, or have its request size limit raised.',
  414: 'The URL is too long for the proxy in front of the server (status 414).',
  429: 'A proxy in front of the server is getting too many requests (status 429). Wait a moment and try again.',
  431: 'The headers are too large for the proxy in front of the server (status 431). Cookies from other apps on this domain may be the cause.',
  502: 'The proxy in front of the server gets no response from it (status 502). The server may be restarting; try again shortly.',
  503: 'The proxy in front of the server has no server available (status 503). It may be restarting; try again shortly.',
  504: 'The server did not respond to the proxy in time (status 504). Try again shortly.',
  511: `The network wants you to sign in first (status 511). ${signIn}`,
};

function otherwise(status: number): string {
  return `A proxy in front of Heddle answered instead of it (status ${status}). Try again, or ask its operator.`;
}

/** Statuses that mean the same whoever says them; the others of something in front say nothing about the request. */
const tellingStatuses: ReadonlySet<number> = new Set([408, 411, 413, 414, 429, 431, 502, 503, 504]);

/**
 * Reads an answer of the API. Throws ApiError: what Heddle says, or else in
 * words who seems to have answered in its place (code `NOT_FROM_HEDDLE`).
 */
export function readAnswer<Schema extends z.ZodType>(answer: Answer, schema: Schema): z.output<Schema> {
  const { status, text } = answer;
  const isSuccess = status >= 200 && status < 300;
  if (!isJson(answer.contentType) && !(status === 204 && text === '')) throw inFront(status);
  const content = parse(text);
  if (!isSuccess) {
    const problem = problemSchema.safeParse(content);
    if (!problem.success) throw inFront(status);
    throw new ApiError(status, problem.data.code, problem.data.detail || problem.data.title, problem.data);
  }
  if (content === undefined && status !== 204) {
    throw new ApiError(0, 'ANSWER_INCOMPLETE', 'The server’s response was cut off. Try again.');
  }
  const read = schema.safeParse(content);
  if (read.success) return read.data;
  throw new ApiError(
    status,
    'ANSWER_UNREADABLE',
    'The server’s response is not what this page expects. The server may have been updated: reload the page.',
  );
}

function inFront(status: number): ApiError {
  const isSuccess = status >= 200 && status < 300;
  const words = wordsInFront[isSuccess ? 200 : status] ?? otherwise(status);
  return new ApiError(tellingStatuses.has(status) ? status : 0, 'NOT_FROM_HEDDLE', words);
}

function isJson(contentType: string | null): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType?.trim() ?? '');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
