import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/*
 * Makes a photo with as much detail as a camera's, in a
 * process of its own: a worker never loads the image library, and neither may a
 * program that stands for one.
 */

/** The program below, started with the file to write and the size. */
const flag = '--write-photo';

/** A JPEG of 4,000 x 3,000 pixels, or of another size; a GIF where that is asked for. */
export async function makePhoto(
  folder: string,
  { width, height } = { width: 4_000, height: 3_000 },
  format: 'jpg' | 'gif' = 'jpg',
): Promise<string> {
  const file = join(folder, width === 4_000 ? `upright.${format}` : `upright-${width}.${format}`);
  const program = [...process.execArgv, fileURLToPath(import.meta.url)];
  await promisify(execFile)(process.execPath, [...program, flag, file, String(width), String(height)]);
  return file;
}

async function write(file: string, width: number, height: number): Promise<void> {
  const { default: sharp } = await import('sharp');
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const photo = sharp({ create: { width, height, channels: 3, background: '#808080', noise } }).blur(1.2);
  await (file.endsWith('.gif') ? photo.gif({ effort: 1, colours: 16, dither: 0 }) : photo.jpeg({ quality: 88 })).toFile(
    file,
  );
}

const at = process.argv.indexOf(flag);
if (at !== -1) await write(process.argv[at + 1]!, Number(process.argv[at + 2]), Number(process.argv[at + 3]));
