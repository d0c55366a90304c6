import { assetSchema, type Asset } from '../../core/api/assets.ts';
import { addressOf } from '../ui/app-address.ts';
import { inWorkspace } from '../workspaces/current.ts';
import { ApiError } from './api-error.ts';
import { readAnswer } from './read-answer.ts';

/** How one upload is watched and stopped; both are optional. */
export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
  /** 0-1; 1: all of it was sent, and the server looks at it. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Nothing moves for so long: no network does that, and no server needs so long to look at a file. */
const silenceMs = 180_000;

/**
 * Uploads one file with progress, which fetch cannot report. Throws ApiError;
 * an abort rejects with the signal's reason.
 */
export function uploadFile(file: File, { signal, onProgress }: UploadOptions = {}): Promise<Asset> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let silence: ReturnType<typeof setTimeout> | undefined;
    const stop = () => request.abort();
    const end = () => {
      clearTimeout(silence);
      signal?.removeEventListener('abort', stop);
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
    };
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        fail(
          new ApiError(
            0,
            'NETWORK',
            'The upload got no response for three minutes. Check your connection and try again.',
          ),
        );
        request.abort();
      }, silenceMs);
    };
    request.open('POST', addressOf(inWorkspace('/api/assets')));
    // As text: what answers may not be the server, and then it is no JSON.
    request.responseType = 'text';
    request.setRequestHeader('accept', 'application/json');
    request.upload.onprogress = (event) => {
      listen();
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      end();
      const { status } = request;
      try {
        const contentType = request.getResponseHeader('content-type');
        resolve(readAnswer({ status, contentType, text: request.responseText }, assetSchema));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = () => {
      end();
      whyLost().then(reject, reject);
    };
    request.onabort = () => fail(signal?.reason ?? new Error('The upload was canceled.'));
    if (signal?.aborted === true) {
      fail(signal.reason);
      return;
    }
    signal?.addEventListener('abort', stop, { once: true });
    listen();
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
  });
}

/**
 * Why an upload broke off. A sign-in page on another host looks like a lost
 * connection to the upload; a plain request tells the two apart.
 */
async function whyLost(): Promise<ApiError> {
  const lost = new ApiError(
    0,
    'NETWORK',
    'The upload was interrupted. Check your connection and try again. Some proxies also cut off files that are too large for them.',
  );
  const answer = await fetch(addressOf('/api/config'), { redirect: 'manual', cache: 'no-store' }).catch(() => null);
  if (answer?.type !== 'opaqueredirect') return lost;
  return new ApiError(
    0,
    'NOT_FROM_HEDDLE',
    'A proxy in front of Heddle redirected the upload. It may want you to sign in: reload this page, sign in there and try again.',
  );
}
