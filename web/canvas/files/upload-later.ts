import { ApiError } from '../../api/api-error.ts';
import type { UploadsDeps } from './uploads.ts';

const load = () => import('../../api/upload-file.ts');

/** Uploads a file; what does it is loaded with the first one, or once the page has come to rest. Throws ApiError. */
export const uploadLater: UploadsDeps['upload'] = async (file, options) => {
  const { uploadFile } = await load().catch(() => {
    throw new ApiError(0, 'NETWORK', 'Part of the app could not be loaded. Check your connection and try again.');
  });
  options.signal.throwIfAborted();
  return uploadFile(file, options);
};

/** Has it at hand before somebody drops a file. */
export const uploadPart = { fetchEarly: () => void load().catch(() => undefined) };
