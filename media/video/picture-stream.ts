import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { pngSubject } from '../subjects.ts';
import type { WriteInput } from '../write-request.ts';

/**
 * Gives PNG files of our own, all of one size, to `work` as one input of ffmpeg, which reads them one after the other:
 * as inputs of their own all of them would be decoded before anything is made. `rate` is in pictures a second.
 */
export async function withPictureStream<Result>(
  { files, rate, beside, signal }: { files: readonly string[]; rate: string; beside: string; signal: AbortSignal },
  work: (input: WriteInput) => Promise<Result>,
): Promise<Result> {
  const file = `${beside}.pictures`;
  try {
    for (const [index, picture] of files.entries()) {
      await pipeline(createReadStream(picture), createWriteStream(file, { flags: index === 0 ? 'w' : 'a' }), {
        signal,
      });
    }
    return await work({ file, subject: pngSubject, options: ['-framerate', rate] });
  } finally {
    await rm(file, { force: true });
  }
}
