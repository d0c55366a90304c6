import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import sharp, { type Sharp } from 'sharp';
import { compare } from '../media/image/difference.ts';

/*
 * What a program does that has nothing but sharp, with the same options as Heddle's operations: one image at a time, as it
 * is told of them. sharp cannot show where two images differ: there it gives the pixels, and they are compared as Heddle
 * does it, so that what is measured is all that lies around that.
 */
export interface BareImage {
  readonly work: BareWork;
  readonly input: string;
  readonly output: string;
  /** Of a grid: its cells of 480 x 360, in rows of four, 16 pixels apart. */
  readonly cells?: readonly string[];
  /** Of a comparison: what it is compared with. */
  readonly other?: string;
}

type BareWork =
  | 'resize'
  | 'convert'
  | 'adjust'
  | 'crop'
  | 'rotate'
  | 'compose'
  | 'text'
  | 'grid'
  | 'compare'
  | 'info'
  | 'thumbnail'
  | 'model'
  | 'cell';

sharp.concurrency(1);
sharp.cache(false);

/** As it came: with colors at half the width and height. */
const jpeg = (image: Sharp) => image.keepIccProfile().jpeg({ quality: 92, chromaSubsampling: '4:2:0' });

/** With colors as fine as lightness, so that what is drawn on it has edges. */
const drawnJpeg = (image: Sharp) => image.jpeg({ quality: 92, chromaSubsampling: '4:4:4' });

const font = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

type Work = (image: Sharp, asked: BareImage) => Promise<unknown>;

const works: Readonly<Record<BareWork, Work>> = {
  resize: (image, { output }) => jpeg(image.resize(1_600, 1_200, { fit: 'fill', kernel: 'lanczos3' })).toFile(output),
  convert: (image, { output }) => image.webp({ quality: 80, smartSubsample: true }).toFile(output),
  adjust: (image, { output }) => jpeg(image.modulate({ brightness: 1.2, saturation: 1.2, hue: 0 })).toFile(output),
  crop: (image, { output }) => jpeg(image.extract({ left: 400, top: 300, width: 3_200, height: 2_400 })).toFile(output),
  rotate: (image, { output }) => jpeg(image.rotate(90)).toFile(output),
  compose: async (image, { input, output }) => {
    const { data, info } = await sharp(input)
      .resize(1_000)
      .ensureAlpha()
      .rotate(15, { background: '#00000000' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const raw = { width: info.width, height: info.height, channels: info.channels };
    return drawnJpeg(image.composite([{ input: data, raw, gravity: 'northeast' }])).toFile(output);
  },
  text: (image, { output }) => {
    const text = { text: '<span foreground="white">A text of two words</span>', rgba: true, width: 3_600 };
    const layer = { text: { ...text, fontfile: font, font: 'DejaVu Sans Bold 180' } };
    return drawnJpeg(image.composite([{ input: layer }])).toFile(output);
  },
  grid: async (_image, { cells = [], output }) => {
    const [across, gap, width, height] = [4, 16, 480, 360];
    const down = Math.ceil(cells.length / across);
    const size = { width: across * (width + gap) + gap, height: down * (height + gap) + gap };
    const layers = cells.map((cell, index) => ({
      input: cell,
      left: gap + (index % across) * (width + gap),
      top: gap + Math.floor(index / across) * (height + gap),
    }));
    return sharp({ create: { ...size, channels: 3, background: '#ffffff' } })
      .composite(layers)
      .png()
      .toFile(output);
  },
  compare: async (image, { other, output }) => {
    const [one, two] = [await pixelsOf(image, 3_265, 2_449), await pixelsOf(sharp(other), 3_265, 2_449)];
    const { difference, image: data } = compare(one, two);
    await sharp(data, { raw: { width: one.width, height: one.height, channels: 3 } })
      .png()
      .toFile(output);
    return difference;
  },
  info: async (image, { output }) => {
    const { format, width, height, exif } = await image.metadata();
    // Of its main color and sharpness sharp says something by itself; that looks at all twelve million pixels.
    const { data, info } = await image
      .resize(1_024, 1_024, { fit: 'inside' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const raw = { width: info.width, height: info.height, channels: info.channels };
    const { sharpness, dominant } = await sharp(data, { raw }).stats();
    await writeFile(
      output,
      JSON.stringify({ format, width, height, hasExif: exif !== undefined, sharpness, dominant }),
    );
  },
  thumbnail: (image, { output }) =>
    image
      .resize(320, 640, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 90, smartSubsample: true })
      .toFile(output),
  model: (image, { output }) =>
    image
      .resize(2_048, 2_048, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
      .toFile(output),
  cell: (image, { output }) =>
    image
      .resize(1_280, 720, { fit: 'contain', background: '#000000' })
      .flatten({ background: '#000000' })
      .png({ compressionLevel: 1 })
      .toFile(output),
};

async function pixelsOf(image: Sharp, width: number, height: number) {
  const { data, info } = await image
    .resize(width, height, { fit: 'fill' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

process.on('disconnect', () => process.exit(0));
process.on('message', (asked: BareImage) => {
  void (async () => {
    const image = sharp(asked.input, { sequentialRead: true, failOn: 'error' }).autoOrient();
    await works[asked.work](image, asked);
    process.send?.('done');
  })();
});
