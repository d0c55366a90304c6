import { mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { TerminalError } from '../core/errors/app-error.ts';
import type { ModelRequest } from '../core/node-type/executor.ts';
import type { ImageLimits, InlineImage } from './provider.ts';

/** Writes a copy of an image that fits `maxSide` pixels and `maxBytes` bytes; gives its MIME type. Throws FILE_TOO_LARGE and IMAGE_*. */
export type FitImage = (request: {
  input: string;
  output: string;
  maxSide: number;
  maxBytes: number;
  signal: AbortSignal;
}) => Promise<{ mimeType: string }>;

interface FitImagesOptions {
  readonly fitImage: FitImage;
  /** Where a folder for the scaled copies is made; it is gone when the call ends. */
  readonly tempDir: string;
  readonly limits: ImageLimits;
  /** For messages: who gets the images. */
  readonly title: string;
  readonly signal: AbortSignal;
}

/**
 * Makes copies of images that a provider takes: scaled down, within its
 * bytes, without the camera's metadata, as base64. One after the other, so that
 * a node with many images does not take all of the image processes. Throws
 * PROVIDER_BAD_REQUEST for too many images, and what fitImage throws.
 */
export async function fitImages(
  images: ModelRequest['images'],
  { fitImage, tempDir, limits, title, signal }: FitImagesOptions,
): Promise<InlineImage[]> {
  if (images.length === 0) return [];
  if (images.length > limits.maxCount) {
    throw new TerminalError(
      'PROVIDER_BAD_REQUEST',
      `${images.length} images are more than the ${limits.maxCount} that ${title} accepts in one request. Connect fewer.`,
      { details: { images: images.length, maxImages: limits.maxCount } },
    );
  }
  const maxBytes = Math.min(limits.maxBytes, Math.floor(limits.maxTotalBytes / images.length));
  const folder = await mkdtemp(path.join(tempDir, 'model-images-'));
  try {
    const fitted: InlineImage[] = [];
    for (const [index, { file }] of images.entries()) {
      signal.throwIfAborted();
      const output = path.join(folder, String(index));
      const { mimeType } = await fitImage({ input: file, output, maxSide: limits.maxSide, maxBytes, signal });
      fitted.push({ mimeType, base64: await readFile(output, 'base64') });
    }
    return fitted;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
