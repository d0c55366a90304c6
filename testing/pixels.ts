import sharp from 'sharp';
import type { Rgb } from './media.ts';

/** A decoded picture: 8 bits a channel, sRGB, always with alpha. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
  readonly format: string | undefined;
  /** Red, green, blue and alpha of one pixel. */
  at(x: number, y: number): readonly [number, number, number, number];
}

/** Decodes a picture as it is shown. */
export async function rasterOf(file: string | Buffer): Promise<Raster> {
  const { format } = await sharp(file).metadata();
  const { data, info } = await sharp(file)
    .autoOrient()
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => {
    const from = (y * info.width + x) * 4;
    return [data[from]!, data[from + 1]!, data[from + 2]!, data[from + 3]!] as const;
  };
  return { width: info.width, height: info.height, data, format, at };
}

/** A picture of given pixels as a file; `colorAt` says the color of each. */
export async function writePng(
  file: string,
  width: number,
  height: number,
  colorAt: (x: number, y: number) => Rgb | readonly [number, number, number, number],
): Promise<string> {
  const data = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [r, g, b, a = 255] = colorAt(x, y);
      data.set([r, g, b, a], (y * width + x) * 4);
    }
  }
  await sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toFile(file);
  return file;
}

/** The average color of what can be seen. */
export function meanOf({ data }: Raster): Rgb {
  const sum = [0, 0, 0, 0];
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]! / 255;
    for (let channel = 0; channel < 3; channel += 1) sum[channel]! += data[at + channel]! * alpha;
    sum[3]! += alpha;
  }
  const mean = (channel: number) => Math.round(sum[channel]! / Math.max(1, sum[3]!));
  return [mean(0), mean(1), mean(2)];
}
