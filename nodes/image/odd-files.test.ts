import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { NodeExecutor } from '../../core/node-type/executor.ts';
import type { AssetReference } from '../../core/node-type/values.ts';
import { isClose, mediaPath } from '../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../testing/node-runs.ts';
import { meanOf, rasterOf } from '../../testing/pixels.ts';
import { adjustImageExecutor } from './adjust/executor.ts';
import { convertImageExecutor } from './convert/executor.ts';
import { resizeImageExecutor } from './resize/executor.ts';
import { rotateImageExecutor } from './rotate/executor.ts';

/*
 * Pictures that tools get wrong. Their small images are held against a browser in media/image/colors.test.ts; here
 * each node has to agree with them, in size and in the average of its colors.
 */
const odd = [
  'apng-hidden-default.png',
  'avif-animated.avif',
  'avif-clap.avif',
  'avif-major-MA1B.avif',
  'avif-nclx-p3.avif',
  'gif-first-frame-small.gif',
  'jpeg-xmp-svg.jpg',
  'png-16bit-p3.png',
  'png-8bit-p3.png',
  'png-cicp-p3.png',
  'png-gamma-1.png',
  'webp-exif-6.webp',
] as const;

const withHoles: ReadonlySet<string> = new Set(['gif-first-frame-small.gif']);

const executors: readonly (readonly [string, NodeExecutor, object, number])[] = [
  ['resized by stretching', resizeImageExecutor, { mode: 'exact', width: 100, height: 100, unit: 'percent' }, 1],
  ['padded by nothing', resizeImageExecutor, { mode: 'pad', width: 100, height: 100, unit: 'percent' }, 1],
  ['padded by itself', resizeImageExecutor, { mode: 'pad', width: 100, height: 100, unit: 'percent', fill: 'blur' }, 1],
  ['turned', rotateImageExecutor, { turn: '90' }, -1],
  ['adjusted', adjustImageExecutor, {}, 1],
  ['converted to PNG', convertImageExecutor, { format: 'png' }, 1],
  ['converted to JPEG', convertImageExecutor, { format: 'jpeg', quality: 95, background: '#000000' }, 1],
  ['converted with its profile', convertImageExecutor, { format: 'webp', lossless: true, keepProfile: true }, 1],
];

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

/** Average color of a file as the server shows it in small. */
async function shownMean(file: string) {
  const output = mediaPath(`small-${randomUUID()}.webp`);
  const { mimeType } = await runs.media.describe({ file, isForeign: false, signal: new AbortController().signal });
  await runs.media.writeThumbnail({ input: file, mimeType, output, width: 64, signal: new AbortController().signal });
  return meanOf(await rasterOf(output));
}

describe.each(odd)('%s', (name) => {
  let image: AssetReference;
  let before: Awaited<ReturnType<typeof shownMean>>;
  beforeAll(async () => {
    const file = fileURLToPath(new URL(`../../media/fixtures/${name}`, import.meta.url));
    image = await runs.assetOf(file);
    before = await shownMean(file);
  });

  test.each(executors)('%s is as large and has the same colors', async (what, executor, data, upright) => {
    const { output } = await runs.run(executor, data, { image });
    const asset = output as AssetReference;
    const size = [image.width, image.height];
    expect([asset.width, asset.height]).toEqual(upright === 1 ? size : size.toReversed());
    const made = await runs.fileOf(output);
    // Where the image has holes, what lies below shows.
    if (withHoles.has(name) && (what === 'converted to JPEG' || what === 'padded by itself')) return;
    const after = await shownMean(made);
    expect([isClose(after, before, 6) ? before : after]).toEqual([before]);
  });
});
