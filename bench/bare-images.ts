import { createRequire } from 'node:module';
import sharp, { type Sharp } from 'sharp';

/*
 * What a program does that has nothing but sharp, with the same options as Heddle's operations: one image at a time, as it
 * is told of them.
 */
export interface BareImage {
  readonly work: 'resize' | 'convert' | 'adjust' | 'crop' | 'rotate' | 'compose' | 'text' | 'grid';
  readonly input: string;
  readonly output: string;
  /** Of a grid: its cells of 480 x 360, in rows of four, 16 pixels apart. */
  readonly cells?: readonly string[];
}

sharp.concurrency(1);
sharp.cache(false);

const jpeg = (image: Sharp) => image.keepIccProfile().jpeg({ quality: 92, chromaSubsampling: '4:2:0' });

const font = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

type Work = (image: Sharp, asked: BareImage) => Sharp | Promise<Sharp>;

const works: Readonly<Record<BareImage['work'], Work>> = {
  resize: (image) => jpeg(image.resize(1_600, 1_200, { fit: 'fill', kernel: 'lanczos3' })),
  convert: (image) => image.webp({ quality: 80, smartSubsample: true }),
  adjust: (image) => jpeg(image.modulate({ brightness: 1.2, saturation: 1.2, hue: 0 })),
  crop: (image) => jpeg(image.extract({ left: 400, top: 300, width: 3_200, height: 2_400 })),
  rotate: (image) => jpeg(image.rotate(90)),
  compose: async (image, { input }) => {
    const layer = await sharp(input)
      .resize(1_000)
      .rotate(15, { background: '#00000000' })
      .ensureAlpha()
      .png()
      .toBuffer();
    return jpeg(image.composite([{ input: layer, gravity: 'northeast' }]));
  },
  text: (image) => {
    const text = { text: '<span foreground="white">A text of two words</span>', rgba: true, width: 3_600 };
    return jpeg(image.composite([{ input: { text: { ...text, fontfile: font, font: 'DejaVu Sans Bold 180' } } }]));
  },
  grid: async (_image, { cells = [] }) => {
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
      .png();
  },
};

process.on('disconnect', () => process.exit(0));
process.on('message', (asked: BareImage) => {
  void (async () => {
    const image = sharp(asked.input, { sequentialRead: asked.work !== 'rotate', failOn: 'error' }).autoOrient();
    await (await works[asked.work](image, asked)).toFile(asked.output);
    process.send?.('done');
  })();
});
