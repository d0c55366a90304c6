import sharp, { type Sharp } from 'sharp';

/*
 * What a program does that has nothing but sharp, with the same options as Heddle's operations: one image at a time, as it
 * is told of them.
 */
export interface BareImage {
  readonly work: 'resize' | 'convert' | 'adjust';
  readonly input: string;
  readonly output: string;
}

sharp.concurrency(1);
sharp.cache(false);

const jpeg = (image: Sharp) => image.keepIccProfile().jpeg({ quality: 92, chromaSubsampling: '4:2:0' });

const works: Readonly<Record<BareImage['work'], (image: Sharp) => Sharp>> = {
  resize: (image) => jpeg(image.resize(1_600, 1_200, { fit: 'fill', kernel: 'lanczos3' })),
  convert: (image) => image.webp({ quality: 80, smartSubsample: true }),
  adjust: (image) => jpeg(image.modulate({ brightness: 1.2, saturation: 1.2, hue: 0 })),
};

process.on('disconnect', () => process.exit(0));
process.on('message', ({ work, input, output }: BareImage) => {
  void works[work](sharp(input, { sequentialRead: true, failOn: 'error' }).autoOrient())
    .toFile(output)
    .then(() => process.send?.('done'));
});
