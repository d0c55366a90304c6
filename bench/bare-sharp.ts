import sharp from 'sharp';

/*
 * What a program does that has nothing but sharp: crops the pictures it is told
 * of, one at a time. bench/media.ts starts a pool of these and measures Heddle's
 * own pool against it.
 */
export interface BareCrop {
  readonly input: string;
  readonly output: string;
}

sharp.concurrency(1);
sharp.cache(false);

process.on('disconnect', () => process.exit(0));
process.on('message', ({ input, output }: BareCrop) => {
  void sharp(input, { sequentialRead: true })
    .autoOrient()
    .extract({ left: 400, top: 300, width: 3_200, height: 2_400 })
    .keepIccProfile()
    .jpeg({ quality: 92 })
    .toFile(output)
    .then(() => process.send?.('done'));
});
