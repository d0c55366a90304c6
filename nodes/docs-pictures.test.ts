import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { NodeExecutor } from '../core/node-type/executor.ts';
import type { AssetReference, NodeInputs, OutputValue } from '../core/node-type/values.ts';
import { installedFfmpeg } from '../testing/frame-taker.ts';
import { mediaPath } from '../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../testing/node-runs.ts';
import { adjustImageExecutor } from './image/adjust/executor.ts';
import { compareImagesExecutor } from './image/compare/executor.ts';
import { composeImagesExecutor } from './image/compose/executor.ts';
import { cropImageExecutor } from './image/crop/executor.ts';
import { drawTextExecutor } from './image/draw-text/executor.ts';
import { gridImagesExecutor } from './image/grid/executor.ts';
import { resizeImageExecutor } from './image/resize/executor.ts';
import { rotateImageExecutor } from './image/rotate/executor.ts';
import { splitGridExecutor } from './image/split-grid/executor.ts';
import { animateExecutor } from './video/animate/executor.ts';
import { extractFramesExecutor } from './video/extract-frames/executor.ts';
import { videoFromImagesExecutor } from './video/from-images/executor.ts';
import { joinVideosExecutor } from './video/join/executor.ts';
import { overlayVideoExecutor } from './video/overlay/executor.ts';
import { resizeVideoExecutor } from './video/resize/executor.ts';
import { subtitleVideoExecutor } from './video/subtitle/executor.ts';

/*
 * The pictures of docs/nodes.md: what the nodes make of the samples that come with the app. Each run compares them with
 * what is there; `UPDATE_IMAGES=1 npm test -- nodes/docs-pictures.test.ts` renews them.
 */

const isRenewed = process.env['UPDATE_IMAGES'] !== undefined;
const pictures = fileURLToPath(new URL('../docs/images/nodes/', import.meta.url));
const sample = (name: string) => fileURLToPath(new URL(`../web/public/samples/${name}`, import.meta.url));

let runs: NodeRuns;
let photo: AssetReference;
let clip: AssetReference;
let frames: OutputValue;
beforeAll(async () => {
  if (isRenewed) await mkdir(pictures, { recursive: true });
  runs = await startNodeRuns();
  const small = mediaPath('photo.jpg');
  await sharp(sample('flask.jpg')).resize(640).jpeg({ quality: 92 }).toFile(small);
  const short = mediaPath('clip.mp4');
  const size = ['-vf', 'scale=320:180,fps=10', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-bf', '0'];
  await promisify(execFile)(installedFfmpeg, ['-v', 'error', '-y', '-i', sample('turn.mp4'), ...size, '-an', short]);
  [photo, clip] = [await runs.assetOf(small), await runs.assetOf(short)];
  frames = (await runs.run(extractFramesExecutor, { by: 'count', count: 4 }, { video: clip }))['output']!;
}, 120_000);
afterAll(() => runs.stop());

const outputOf = async (executor: NodeExecutor, data: object, inputs: NodeInputs): Promise<OutputValue> =>
  (await runs.run(executor, data, inputs))['output']!;

/** One image of what came out: of lists and videos a strip. */
async function pictureOf(output: OutputValue): Promise<Buffer> {
  if (Array.isArray(output)) {
    const strip = { columns: 4, cellWidth: 160, gap: 6, background: '#f4f1ec' };
    return pictureOf(await outputOf(gridImagesExecutor, strip, { images: [output] } as NodeInputs));
  }
  const asset = output as AssetReference;
  if (asset.mimeType.startsWith('video/')) {
    return pictureOf(await outputOf(extractFramesExecutor, { by: 'count', count: 4 }, { video: asset }));
  }
  return sharp(await runs.fileOf(output))
    .resize(640, 320, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#f4f1ec' })
    .jpeg({ quality: 80, mozjpeg: true })
    .toBuffer();
}

const square = { mode: 'cover', width: 200, height: 200 };
const subtitles = '1\n00:00:00,000 --> 00:00:04,000\nDouble walls keep it warm.\n';

/** By the name of the picture. */
const cases: Readonly<Record<string, () => Promise<OutputValue>>> = {
  'crop-image': () =>
    outputOf(
      cropImageExecutor,
      { x_percent: 34, y_percent: 9, width_percent: 32, height_percent: 78 },
      { image_url: photo },
    ),
  'resize-image': () =>
    outputOf(resizeImageExecutor, { mode: 'pad', fill: 'blur', width: 320, height: 320 }, { image: photo }),
  'rotate-image': () => outputOf(rotateImageExecutor, { degrees: 12, corners: 'fill' }, { image: photo }),
  'adjust-image': () => outputOf(adjustImageExecutor, { contrast: 30, saturation: 60, hue: -40 }, { image: photo }),
  'compose-images': async () =>
    outputOf(
      composeImagesExecutor,
      { layers: [{ id: 'layer_a', width: 30, anchor: 'top right', x: -4, y: 6, rotation: 8, opacity: 90 }] },
      { base: photo, layer_a: await outputOf(adjustImageExecutor, { grayscale: true }, { image: photo }) },
    ),
  'draw-text': () =>
    outputOf(drawTextExecutor, { text: 'Warm all day', size: 14, background: 'text' }, { image: photo }),
  'compare-images': async () =>
    outputOf(compareImagesExecutor, {}, {
      before: photo,
      after: await outputOf(drawTextExecutor, { text: 'New', size: 20 }, { image: photo }),
    } as NodeInputs),
  'grid-images': () =>
    outputOf(
      gridImagesExecutor,
      { columns: 4, cellWidth: 150, title: 'One turn', labels: ['0 s', '1 s', '2 s', '3 s'] },
      { images: [frames] } as NodeInputs,
    ),
  'split-grid': () => outputOf(splitGridExecutor, { columns: 4, rows: 1 }, { image: photo }),
  'extract-frames': async () => frames,
  'resize-video': () => outputOf(resizeVideoExecutor, { aspect: '1:1', mode: 'blur', height: 180 }, { video: clip }),
  'join-videos': () => outputOf(joinVideosExecutor, { crossfade: 1 }, { videos: [clip, clip] }),
  'overlay-video': () => outputOf(overlayVideoExecutor, { text: 'New', width: 25 }, { video: clip, image: photo }),
  'subtitle-video': () => outputOf(subtitleVideoExecutor, { subtitles, size: 10 }, { video: clip }),
  'video-from-images': () =>
    outputOf(
      videoFromImagesExecutor,
      { seconds: 0.5, transition: 'slide', transitionSeconds: 0.3, shortSide: 180, frameRate: 10 },
      { images: [frames] } as NodeInputs,
    ),
  animate: async () =>
    outputOf(animateExecutor, { format: 'webp', seconds: 0.4, width: 200 }, {
      images: [photo, await outputOf(resizeImageExecutor, square, { image: photo })],
    } as NodeInputs),
};

/** Rows of a small copy, which says whether two pictures show the same. */
const gist = (picture: Buffer | string) =>
  sharp(picture).resize(48, 32, { fit: 'fill' }).removeAlpha().raw().toBuffer();

describe('the pictures of docs/nodes.md', () => {
  test.each(Object.entries(cases))('%s shows what the node makes', async (name, make) => {
    const made = await pictureOf(await make());
    const file = `${pictures}${name}.jpg`;
    if (isRenewed) await sharp(made).toFile(file);
    const [now, kept] = [await gist(made), await gist(file)];
    const off = now.reduce((sum, value, at) => sum + Math.abs(value - kept[at]!), 0) / now.length;
    expect(off).toBeLessThan(6);
  });

  test('each stands in the document, and no other', async () => {
    const text = await readFile(new URL('../docs/nodes.md', import.meta.url), 'utf8');
    const named = [...text.matchAll(/\(images\/nodes\/([\w-]+)\.jpg\)/g)].map(([, name]) => name!);
    expect(named.toSorted()).toEqual(Object.keys(cases).toSorted());
    expect((await readdir(pictures)).toSorted()).toEqual(
      Object.keys(cases)
        .map((name) => `${name}.jpg`)
        .toSorted(),
    );
  });
});
