import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { layerShape } from '../../core/node-type/layer-fields.ts';
import { textStyleSchema } from '../../core/node-type/text-fields.ts';
import type { Media } from '../../media/media.ts';
import { adjustImage } from '../../media/operations/adjust-image.ts';
import { compareImages } from '../../media/operations/compare-images.ts';
import { composeImages } from '../../media/operations/compose-images.ts';
import { convertImage } from '../../media/operations/convert-image.ts';
import { cropImage } from '../../media/operations/crop-image.ts';
import { drawText } from '../../media/operations/draw-text.ts';
import { fitCell } from '../../media/operations/fit-cell.ts';
import { fitImage } from '../../media/operations/fit-image.ts';
import { gridImages } from '../../media/operations/grid-images.ts';
import { readImageInfo } from '../../media/operations/image-info.ts';
import { resizeImage } from '../../media/operations/resize-image.ts';
import { rotateImage } from '../../media/operations/rotate-image.ts';
import { thumbnailImage } from '../../media/operations/thumbnail-image.ts';
import { makePhoto } from '../photo.ts';
import type { BareImage } from '../bare-images.ts';

/** What the process with sharp alone is told. */
export type BareWork = BareImage;

export interface ImageContest {
  readonly name: string;
  readonly bare: BareWork;
  work(media: Media): Promise<unknown>;
}

const { signal } = new AbortController();
const layer = z.object(layerShape).parse({});
/** Without an outline: sharp alone draws none. */
const style = textStyleSchema.parse({
  ...{ size: 0.06, color: '#ffffff', family: 'sans', isBold: true, isItalic: false, sizing: 'fixed', align: 'center' },
  ...{ place: 'bottom', lineSpacing: 1, outline: 0, outlineColor: '#000000', background: 'none' },
  ...{ backgroundColor: '#000000', padding: 0 },
});

/** As large as one may be: 50 MP. */
const largest = { width: 8_160, height: 6_120 };

/** What encoders hold most memory for. */
function withoutLoss(
  input: string,
  gif: string,
  output: (name: string) => string,
): readonly Pick<ImageContest, 'name' | 'work'>[] {
  return [
    {
      name: 'convert image to WebP without loss',
      work: (media) =>
        media.run(convertImage, {
          ...{ input, output: output('lossless.webp'), format: 'webp', quality: 80, isLossless: true, maxBytes: null },
          ...{ mayShrink: false, keepsMetadata: false, keepsProfile: false, background: '#ffffff', signal },
        }),
    },
    {
      name: 'rotate a GIF by 90 degrees',
      work: (media) =>
        media.run(rotateImage, {
          ...{ input: gif, output: output('rotated.gif'), quarters: 1, mirror: 'none', degrees: 0, signal },
          corners: 'cut',
        }),
    },
  ];
}

/** Operations on a photo of 12 MP and the largest one, and a process that does the same with sharp alone. */
export async function imageContests(folder: string, makeCells: (folder: string) => Promise<readonly string[]>) {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(isSource ? '../bare-images.ts' : '../bare-images.js', import.meta.url));
  // As many arenas as Heddle's own, which costs nothing and must not be what is compared. What else those do with memory is.
  const child = fork(entry, [], { env: { MALLOC_ARENA_MAX: '2' }, execArgv: process.execArgv });
  const output = (name: string) => join(folder, name);
  const cells = await makeCells(folder);
  /** So small that nothing but what is around the work takes time. */
  const tiny = cells[0]!;
  const start: ImageContest = {
    name: 'fixed cost of an operation on an image',
    bare: { work: 'thumbnail', input: tiny, output: output('bare-tiny.webp') },
    work: (media) => media.run(thumbnailImage, { input: tiny, output: output('tiny.webp'), width: 16, signal }),
  };
  const contestsOn = (input: string): ImageContest[] => [
    {
      name: 'resize image to 1,600 px',
      bare: { work: 'resize', input, output: output('bare-resized.jpg') },
      work: (media) =>
        media.run(resizeImage, {
          ...{ input, output: output('resized.jpg'), mode: 'inside', unit: 'px', width: 1_600, height: 1_600, signal },
          ...{ mayEnlarge: false, position: 'center', background: '#ffffff', kernel: 'lanczos3' },
        }),
    },
    {
      name: 'convert image to WebP',
      bare: { work: 'convert', input, output: output('bare-converted.webp') },
      work: (media) =>
        media.run(convertImage, {
          ...{
            input,
            output: output('converted.webp'),
            format: 'webp',
            quality: 80,
            isLossless: false,
            maxBytes: null,
          },
          ...{ mayShrink: false, keepsMetadata: false, keepsProfile: false, background: '#ffffff', signal },
        }),
    },
    {
      name: 'adjust image',
      bare: { work: 'adjust', input, output: output('bare-adjusted.jpg') },
      work: (media) =>
        media.run(adjustImage, {
          ...{ input, output: output('adjusted.jpg'), brightness: 20, contrast: 0, saturation: 20, hue: 0, signal },
          ...{ isGray: false, tint: null, blur: 0, sharpen: 0 },
        }),
    },
    {
      name: 'crop image',
      bare: { work: 'crop', input, output: output('bare-cropped.jpg') },
      work: (media) =>
        media.run(cropImage, {
          ...{ input, output: output('cropped.jpg'), signal },
          area: { unit: 'px', x: 400, y: 300, width: 3_200, height: 2_400 },
        }),
    },
    {
      name: 'rotate image by 90 degrees',
      bare: { work: 'rotate', input, output: output('bare-rotated.jpg') },
      work: (media) =>
        media.run(rotateImage, {
          ...{ input, output: output('rotated.jpg'), quarters: 1, mirror: 'none', degrees: 0, corners: 'cut', signal },
        }),
    },
    {
      name: 'compose images',
      bare: { work: 'compose', input, output: output('bare-composed.jpg') },
      work: (media) =>
        media.run(composeImages, {
          ...{ input, output: output('composed.jpg'), signal },
          layers: [{ file: input, ...layer, anchor: 'top right', width: 25, rotation: 15, mask: null }],
        }),
    },
    {
      name: 'draw text',
      bare: { work: 'text', input, output: output('bare-text.jpg') },
      work: (media) =>
        media.run(drawText, {
          ...{ input, output: output('text.jpg'), text: 'A text of two words', style, signal },
          box: { x: 0.05, y: 0.05, width: 0.9, height: 0.9 },
        }),
    },
    {
      name: 'compare images',
      bare: { work: 'compare', input, other: input, output: output('bare-compared.png') },
      work: (media) =>
        media.run(compareImages, { input, other: input, output: output('compared.png'), mayFit: true, signal }),
    },
    {
      name: 'image info',
      bare: { work: 'info', input, output: output('bare-info.json') },
      work: (media) => media.run(readImageInfo, { input, output: output('info.json'), maxColors: 5, signal }),
    },
    {
      name: 'thumbnail of an image',
      bare: { work: 'thumbnail', input, output: output('bare-thumbnail.webp') },
      work: (media) => media.run(thumbnailImage, { input, output: output('thumbnail.webp'), width: 320, signal }),
    },
    {
      name: 'copy for a model',
      bare: { work: 'model', input, output: output('bare-model.jpg') },
      work: (media) =>
        media.run(fitImage, { input, output: output('model.jpg'), maxSide: 2_048, maxBytes: 20 * 2 ** 20, signal }),
    },
    {
      name: 'picture of a film or sheet',
      bare: { work: 'cell', input, output: output('bare-cell.png') },
      work: (media) =>
        media.run(fitCell, {
          ...{
            input,
            output: output('cell.png'),
            width: 1_280,
            height: 720,
            fit: 'pad',
            background: '#000000',
            signal,
          },
        }),
    },
    {
      name: 'grid of sixty images',
      bare: { work: 'grid', input, output: output('bare-grid.png'), cells },
      work: (media) =>
        media.run(gridImages, {
          ...{ input: cells[0]!, output: output('grid.png'), columns: 4, cellWidth: 480, cellHeight: 360, gap: 16 },
          ...{ title: '', textSize: 16, textColor: '#000000', family: 'sans', background: '#ffffff', format: 'png' },
          ...{ cells: cells.map((file) => ({ file, label: '' })), signal },
        }),
    },
  ];
  return {
    /** The process with sharp alone. */
    pid: child.pid ?? 0,
    contests: contestsOn(await makePhoto(folder)),
    /** The same operations on the largest photo; their bare ones would cut from another place. */
    ofLargest: async (): Promise<readonly Pick<ImageContest, 'name' | 'work'>[]> => {
      const input = await makePhoto(folder, largest);
      return [...contestsOn(input), ...withoutLoss(input, await makePhoto(folder, largest, 'gif'), output)];
    },
    start,
    bare: async (work: BareWork): Promise<void> => {
      const done = new Promise((resolve) => child.once('message', resolve));
      child.send(work);
      await done;
    },
    stop: async (): Promise<void> => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
    },
  };
}
