import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAssetService, type AssetService } from '../assets/asset-service.ts';
import { createAttemptAssets, toReference } from '../assets/attempt-assets.ts';
import { createDiskRoom } from '../assets/disk-room.ts';
import { createLocalDiskStore } from '../assets/local-disk-store.ts';
import { createWorkDirs, type WorkDirs } from '../assets/work-dirs.ts';
import type { ExecutionContext, NodeExecutor } from '../core/node-type/executor.ts';
import type { AssetReference, NodeInputs, OutputValue } from '../core/node-type/values.ts';
import { createMedia, type Media } from '../media/media.ts';
import { createBinaries } from '../media/video/binaries.ts';
import { createAddressRules } from '../net/address-rules.ts';
import { createGuardedFetcher } from '../net/guarded-fetch.ts';
import { anyBuild } from '../testing/frame-taker.ts';
import {
  frameIndexOf,
  isClose,
  makeCountingClip,
  makeOrientedJpeg,
  makePicture,
  pixelAt,
  quarterColors,
} from '../testing/media.ts';
import { createMemoryAssetRows } from '../testing/memory-asset-rows.ts';
import { Suspension } from '../core/node-type/suspension.ts';
import { outputsOf } from '../testing/node-runs.ts';
import { cropImageExecutor } from './image/crop/executor.ts';
import { nodeDefinitions } from './definitions.ts';
import { delayNode, longestHeldMs } from './flow/delay/definition.ts';
import { delayExecutor } from './flow/delay/executor.ts';
import { nodeExecutors } from './executors.ts';
import { extractFrameExecutor } from './video/extract-frame/executor.ts';
import { imageExecutor } from './input/image/executor.ts';
import { textExecutor } from './input/text/executor.ts';
import { videoExecutor } from './input/video/executor.ts';
import { noJobs, noModels } from '../testing/no-models.ts';

const userId = 'user-1';
const { signal } = new AbortController();

let folder: string;
let media: Media;
let workDirs: WorkDirs;
let service: AssetService;
let server: Server;
let origin: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-nodes-'));
  server = createServer((request, response) => {
    const file = request.url === '/clip.mp4' ? makeCountingClip() : makePicture('png');
    void file.then((path) => createReadStream(path).pipe(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  media = createMedia({ binaries: createBinaries(anyBuild), imagePool: { size: 1 } });
  const store = createLocalDiskStore({ root: join(folder, 'store'), now: Date.now });
  workDirs = createWorkDirs({ root: join(folder, 'work'), hostname: 'test', pid: process.pid, now: Date.now });
  await store.start();
  await workDirs.start();
  const rules = createAddressRules({ allow: [new URL(origin).host] });
  const fetcher = createGuardedFetcher({ rules, resolve: async () => [] });
  const rows = createMemoryAssetRows();
  service = createAssetService({
    store,
    rows,
    media,
    fetcher,
    workDirs,
    createId: () => randomUUID(),
    disk: createDiskRoom({ folders: [folder] }),
    onLeftBlob: () => {},
  });
});

afterAll(async () => {
  await media.stop();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Runs a node as a worker does: with the config parsed and the files of the attempt removed at the end. */
async function run(
  executor: NodeExecutor,
  data: object,
  inputs: NodeInputs = {},
  stop: AbortSignal = signal,
): Promise<OutputValue | undefined> {
  const definition = nodeDefinitions.find(({ type }) => type === executor.type);
  const assets = createAttemptAssets({ service, workDirs, userId });
  const unused = () => undefined;
  const context: ExecutionContext<unknown> = {
    config: definition?.configSchema.parse(data),
    inputs,
    signal: stop,
    idempotencyKey: randomUUID(),
    logger,
    assets,
    media,
    models: noModels,
    jobs: noJobs,
    web: {
      secrets: () => Promise.reject(new Error('no secrets here')),
      request: () => Promise.reject(new Error('no web here')),
      listen: () => Promise.reject(new Error('no web here')),
    },
    progress: unused,
    delta: unused,
    report: unused,
  };
  try {
    return outputsOf(await executor.execute(context))['output'];
  } finally {
    await assets.dispose();
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  }
}

async function assetOf(file: string): Promise<AssetReference> {
  return toReference(await service.ingest(createReadStream(file), { userId, name: 'file', signal }));
}

async function contentFile(output: OutputValue | undefined): Promise<string> {
  const { assetId } = output as AssetReference;
  return service.localFile(await service.find({ workspaceId: userId }, assetId), folder);
}

test('every definition has one executor, in the same order', () => {
  expect(nodeExecutors.map(({ type }) => type)).toEqual(nodeDefinitions.map(({ type }) => type));
});

test('a text node gives its text', async () => {
  expect(await run(textExecutor, { text: 'hello' })).toBe('hello');
  expect(await run(textExecutor, {})).toBe('');
});

test.each(['text', 'image', 'video'])(
  'a %s node that is done inline puts out what its definition said ahead',
  async (type) => {
    const assets = { image: await assetOf(await makePicture('png')), video: await assetOf(await makeCountingClip()) };
    const data = type === 'text' ? { text: 'hello' } : { file: { url: assets[type as keyof typeof assets].url } };
    const definition = nodeDefinitions.find((found) => found.type === type)!;
    const config = definition.configSchema.parse(data);
    expect(definition.costClass(config)).toBe('inline');
    const ahead = definition.outputsAhead?.(config)?.['output'];
    const output = await run(
      nodeExecutors.find((found) => found.type === type)!,
      data,
    );
    if (type === 'text') expect(ahead).toEqual({ value: output });
    else expect(ahead).toEqual({ assetId: (output as AssetReference).assetId, kind: type });
  },
);

test.each(['image', 'video'])('a %s node with an address does not know ahead what it will put out', (type) => {
  const definition = nodeDefinitions.find((found) => found.type === type)!;
  expect(definition.outputsAhead?.(definition.configSchema.parse({ [type]: 'https://example.com/x' }))).toBeNull();
});

describe('a delay node', () => {
  test.each<[string, NodeInputs, OutputValue]>([
    ['nothing', {}, null],
    ['one value', { input: ['a'] }, 'a'],
    ['a single value', { input: 'a' }, 'a'],
    ['several values', { input: ['a', 'b', null] }, ['a', 'b', null]],
    ['one list', { input: [['a', 'b']] }, ['a', 'b']],
  ])('passes on %s', async (_what, inputs, expected) => {
    expect(await run(delayExecutor, { ms: 0 }, inputs)).toEqual(expected);
  });

  test('waits as long as it is told', async () => {
    const start = performance.now();
    await run(delayExecutor, { ms: 60 });
    // Timers may fire a millisecond early.
    expect(performance.now() - start).toBeGreaterThanOrEqual(58);
  });

  test('stops waiting at once, with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const work = run(delayExecutor, { ms: longestHeldMs }, {}, controller.signal);
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
  });
});

test('a delay node that is told to wait longer asks for a wait, with what it will put out', async () => {
  const asked = { ms: longestHeldMs + 1 };
  await expect(run(delayExecutor, asked, { input: ['a'] })).rejects.toThrow('The node waits');
  const config = delayNode.configSchema.parse(asked);
  const { signal } = new AbortController();
  const context = { config, inputs: { input: ['a'] }, signal } as unknown as ExecutionContext<unknown>;
  expect(await delayExecutor.execute(context)).toEqual(
    new Suspension({ kind: 'timer', dueInMs: longestHeldMs + 1, dueOutputs: { output: 'a' } }),
  );
});

describe('an image node', () => {
  test('gives the uploaded file', async () => {
    const asset = await assetOf(await makePicture('png'));
    expect(await run(imageExecutor, { file: { url: asset.url, name: 'x', type: 'image/png' } })).toEqual(asset);
  });

  test('gives what a web address or a data URL holds', async () => {
    const asset = await assetOf(await makePicture('png'));
    const base64 = (await readFile(await makePicture('png'))).toString('base64');
    for (const data of [
      { image: `${origin}/photo.png` },
      { file: { url: `${origin}/photo.png` } },
      { image: `data:image/png;base64,${base64}` },
    ]) {
      expect(await run(imageExecutor, data)).toMatchObject({ sha256: asset.sha256, mimeType: 'image/png', width: 80 });
    }
  });

  test('refuses a video, an unknown asset and nothing', async () => {
    const clip = await assetOf(await makeCountingClip());
    await expect(run(imageExecutor, { image: clip.url })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
    await expect(run(imageExecutor, { image: `/api/assets/${randomUUID()}/content` })).rejects.toMatchObject({
      code: 'ASSET_NOT_FOUND',
    });
    await expect(run(imageExecutor, {})).rejects.toMatchObject({ code: 'NODE_DATA_INVALID' });
  });
});

test('a video node gives an uploaded or a downloaded video', async () => {
  const clip = await assetOf(await makeCountingClip());
  expect(await run(videoExecutor, { file: { url: clip.url } })).toEqual(clip);
  expect(await run(videoExecutor, { video: `${origin}/clip.mp4` })).toMatchObject({
    sha256: clip.sha256,
    mimeType: 'video/mp4',
    durationMs: 3_000,
  });
  await expect(run(videoExecutor, {})).rejects.toMatchObject({ code: 'NODE_DATA_INVALID' });
});

describe('a crop node', () => {
  const box = { x_percent: 50, y_percent: 0, width_percent: 50, height_percent: 50 };

  test('cuts its box out of the upright picture', async () => {
    const output = await run(cropImageExecutor, box, { image_url: await assetOf(await makeOrientedJpeg(6)) });
    expect(output).toMatchObject({ mimeType: 'image/jpeg', width: 40, height: 30 });
    expect(isClose(await pixelAt(await contentFile(output), 20, 15), quarterColors.topRight)).toBe(true);
  });

  test('takes an address that came as text', async () => {
    const output = await run(cropImageExecutor, box, { image_url: `${origin}/photo.png` });
    expect(output).toMatchObject({ mimeType: 'image/png', width: 40, height: 30 });
  });

  test('gives the same asset for the same work', async () => {
    const image_url = await assetOf(await makePicture('png'));
    expect(await run(cropImageExecutor, box, { image_url })).toEqual(await run(cropImageExecutor, box, { image_url }));
  });

  test('refuses a video, other text and an edge without a value', async () => {
    const refused = (image_url: OutputValue) => expect(run(cropImageExecutor, box, { image_url })).rejects;
    await refused(await assetOf(await makeCountingClip())).toMatchObject({
      name: 'TerminalError',
      code: 'TYPE_MISMATCH',
    });
    await refused('hello').toMatchObject({ code: 'TYPE_MISMATCH', message: expect.stringContaining('"image_url"') });
    await refused(null).toMatchObject({ code: 'TYPE_MISMATCH' });
    await expect(run(cropImageExecutor, box)).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });

  test('stops with the reason of the abort', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    controller.abort(reason);
    const image_url = await assetOf(await makePicture('png'));
    await expect(run(cropImageExecutor, box, { image_url }, controller.signal)).rejects.toBe(reason);
  });
});

describe('a frame node', () => {
  test.each([
    ['1.25', 12],
    ['0:01.25', 12],
    ['50%', 15],
    ['100%', 29],
  ])('takes the frame at %s', async (timestamp, index) => {
    const output = await run(
      extractFrameExecutor,
      { timestamp },
      { video_url: await assetOf(await makeCountingClip()) },
    );
    expect(output).toMatchObject({ mimeType: 'image/png', width: 64, height: 48 });
    expect(await frameIndexOf(await contentFile(output))).toBe(index);
  });

  test.each([
    ['soon', 'TIMESTAMP_INVALID'],
    ['3.5', 'TIMESTAMP_OUT_OF_RANGE'],
    ['101%', 'TIMESTAMP_OUT_OF_RANGE'],
  ])('refuses %s as %s', async (timestamp, code) => {
    const video_url = await assetOf(await makeCountingClip());
    await expect(run(extractFrameExecutor, { timestamp }, { video_url })).rejects.toMatchObject({
      name: 'TerminalError',
      code,
    });
  });

  test('refuses a picture and a missing edge', async () => {
    const video_url = await assetOf(await makePicture('png'));
    await expect(run(extractFrameExecutor, {}, { video_url })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
    await expect(run(extractFrameExecutor, {})).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });
});
