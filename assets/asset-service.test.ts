import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { TerminalError } from '../core/errors/app-error.ts';
import { createMedia, type Media } from '../media/media.ts';
import { createBinaries } from '../media/video/binaries.ts';
import { createAddressRules } from '../net/address-rules.ts';
import { createGuardedFetcher } from '../net/guarded-fetch.ts';
import {
  isClose,
  makeBombPng,
  makeCountingClip,
  makeOrientedJpeg,
  makePhotoJpeg,
  makePicture,
  mediaPath,
  pixelAt,
  quarterColours,
} from '../testing/media.ts';
import { createMemoryAssetRows, type MemoryAssetRows } from '../testing/memory-asset-rows.ts';
import { createAssetService, type AssetService } from './asset-service.ts';
import type { AssetStore } from './asset-store.ts';
import { contentKey } from './blob-key.ts';
import { createAttemptAssets } from './attempt-assets.ts';
import { createDiskRoom } from './disk-room.ts';
import { createLocalDiskStore } from './local-disk-store.ts';
import { sweepBlobs } from './sweep-blobs.ts';
import { createWorkDirs, type WorkDirs } from './work-dirs.ts';

const userId = 'user-1';
const { signal } = new AbortController();

let folder: string;
let media: Media;
let server: Server;
let origin: string;
let handle: RequestListener;
let rows: MemoryAssetRows;
let store: AssetStore;
let workDirs: WorkDirs;
let service: AssetService;

beforeAll(async () => {
  media = createMedia({ binaries: createBinaries({ searchPath: '/usr/bin:/bin' }), imagePool: { size: 1 } });
  server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(async () => {
  if (folder) await rm(folder, { recursive: true });
  folder = await mkdtemp(join(tmpdir(), 'heddle-assets-'));
  store = createLocalDiskStore({ root: join(folder, 'store'), now: Date.now });
  workDirs = createWorkDirs({ root: join(folder, 'work'), hostname: 'test', pid: process.pid, now: Date.now });
  await store.start();
  await workDirs.start();
  rows = createMemoryAssetRows();
  service = createService();
});

function createService(quota?: { maxBytes: number; maxFiles: number }): AssetService {
  const fetcher = createGuardedFetcher({
    rules: createAddressRules({ allow: [new URL(origin).host] }),
    resolve: async () => [],
  });
  const disk = createDiskRoom({ folders: [folder] });
  const onLeftBlob = (error: unknown) => {
    throw error;
  };
  return createAssetService({
    store,
    rows,
    media,
    fetcher,
    workDirs,
    createId: () => randomUUID(),
    quota,
    disk,
    onLeftBlob,
  });
}

afterAll(async () => {
  await media.stop();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function workLeft(): Promise<string[]> {
  return readdir(join(folder, 'work'));
}

async function ingestFile(file: string, name = 'file', from: AssetService = service) {
  return from.ingest(createReadStream(file), { userId, name, signal });
}

describe('a file that is taken in', () => {
  test('becomes a row with what its content says, and a blob under its hash', async () => {
    const file = await makeOrientedJpeg(6);
    const content = await readFile(file);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const asset = await ingestFile(file, 'holiday.png');
    expect(asset).toMatchObject({
      userId,
      sha256,
      name: 'holiday.png',
      mimeType: 'image/jpeg',
      bytes: content.byteLength,
      width: 80,
      height: 60,
      durationMs: null,
    });
    const served = await service.content(asset);
    expect((await buffer(await served.open())).equals(content)).toBe(true);
    expect((await buffer(await served.open({ start: 2, end: 9 }))).equals(content.subarray(2, 10))).toBe(true);
    expect(served).toMatchObject({ mimeType: 'image/jpeg', bytes: content.byteLength, etag: sha256 });
    expect(await workLeft()).toEqual([]);
  });

  test('may be a video', async () => {
    const asset = await ingestFile(await makeCountingClip());
    expect(asset).toMatchObject({ mimeType: 'video/mp4', width: 64, height: 48, durationMs: 3_000 });
  });

  test('is the same asset when it comes again under the same name', async () => {
    const file = await makePicture('png');
    const assets = await Promise.all([ingestFile(file, 'a'), ingestFile(file, 'a'), ingestFile(file, 'b')]);
    expect(new Set(assets.map((asset) => asset.id)).size).toBe(2);
    expect(new Set(assets.map((asset) => asset.sha256)).size).toBe(1);
  });

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\photos\\me.png', 'me.png'],
    ['a\u0000b\r\nc.png', 'abc.png'],
    ['..', 'image.png'],
    ['', 'image.png'],
    ['😀'.repeat(300), '😀'.repeat(255)],
    ['bad \ud800 half', 'bad  half'],
  ])('named %j is shown as %j', async (name, shown) => {
    expect((await ingestFile(await makePicture('png'), name)).name).toBe(shown);
  });

  test('is refused beyond what the user may keep', async () => {
    const small = createService({ maxBytes: 1_000_000, maxFiles: 1 });
    const asset = await ingestFile(await makePicture('png'), 'a', small);
    expect((await ingestFile(await makePicture('png'), 'a', small)).id).toBe(asset.id);
    await expect(ingestFile(await makePicture('webp'), 'b', small)).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'STORAGE_FULL',
    });
  });

  test('is cut off where it is too large', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1_048_576, 1);
      })(),
    );
    await expect(service.ingest(endless, { userId, name: 'a', kind: 'image', signal })).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
    });
    expect(await workLeft()).toEqual([]);
    expect(endless.destroyed).toBe(true);
  });

  test('is dropped when the sender goes away', async () => {
    const controller = new AbortController();
    const reason = new Error('closed');
    const never = new Readable({ read: () => undefined });
    const work = service.ingest(never, { userId, name: 'a', signal: controller.signal });
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(await workLeft()).toEqual([]);
  });

  const gif = () =>
    sharp({ create: { width: 4, height: 4, channels: 3, background: '#fff' } })
      .gif()
      .toBuffer();
  const append = async (file: Promise<string>, text: string) =>
    Buffer.concat([await readFile(await file), Buffer.from(text)]);

  test.each<[string, () => Promise<Buffer | string>, string]>([
    ['empty', async () => '', 'FILE_EMPTY'],
    ['a web page', async () => '<!DOCTYPE html><html><script>alert(1)</script></html>', 'UNSUPPORTED_MEDIA'],
    ['a drawing', async () => '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'UNSUPPORTED_MEDIA'],
    [
      'a drawing with a head',
      async () => '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
      'UNSUPPORTED_MEDIA',
    ],
    ['a playlist', async () => '#EXTM3U\n#EXTINF:3,\nfile:///etc/passwd\n', 'UNSUPPORTED_MEDIA'],
    ['a list of files', async () => "ffconcat version 1.0\nfile '/etc/passwd'\n", 'UNSUPPORTED_MEDIA'],
    ['a TIFF', async () => readFile(await makePicture('tiff')), 'UNSUPPORTED_MEDIA'],
    [
      'a GIF and a web page',
      async () => Buffer.concat([await gif(), Buffer.from('<html><script>')]),
      'UNSUPPORTED_MEDIA',
    ],
    ['a JPEG and a PHP page', () => append(makePhotoJpeg(64, 64), '<?php system($_GET[0]); ?>'), 'UNSUPPORTED_MEDIA'],
    ['a video and a web page', () => append(makeCountingClip(), '<script>alert(1)</script>'), 'UNSUPPORTED_MEDIA'],
    ['a PNG of 400 million pixels', async () => makeBombPng(20_000), 'IMAGE_TOO_MANY_PIXELS'],
    ['half a JPEG', async () => (await readFile(await makePhotoJpeg(400, 300))).subarray(0, 9_000), 'IMAGE_UNREADABLE'],
    [
      'eight bytes of a PNG',
      async () => (await readFile(await makePicture('png'))).subarray(0, 8),
      'UNSUPPORTED_MEDIA',
    ],
    ['half a video', async () => (await readFile(await makeCountingClip())).subarray(0, 3_000), 'VIDEO_UNREADABLE'],
  ])('attack 7: is refused when it is %s', async (_what, make, code) => {
    const content = Buffer.from(await make());
    const work = service.ingest(Readable.from([content]), { userId, name: 'picture.png', signal });
    await expect(work).rejects.toMatchObject({ name: 'TerminalError', code: expect.stringMatching(code) });
    expect(rows.all).toEqual([]);
    expect(await workLeft()).toEqual([]);
  });
});

describe('what a text means', () => {
  const resolve = (source: string, kind: 'image' | 'video' = 'image') =>
    service.resolve(source, { userId, kind, signal });

  test('may be the id or the path of an own asset', async () => {
    const asset = await ingestFile(await makePicture('png'));
    expect(await resolve(asset.id)).toEqual(asset);
    expect(await resolve(` /api/assets/${asset.id}/content `)).toEqual(asset);
    await expect(service.resolve(asset.id, { userId: 'user-2', kind: 'image', signal })).rejects.toMatchObject({
      code: 'ASSET_NOT_FOUND',
    });
    await expect(resolve(randomUUID())).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
    await expect(resolve(asset.id, 'video')).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
  });

  test('may be a data URL or bare base64', async () => {
    const content = await readFile(await makePicture('webp'));
    const sha256 = createHash('sha256').update(content).digest('hex');
    const base64 = content.toString('base64');
    expect(await resolve(`data:image/png;base64,${base64}`)).toMatchObject({ sha256, mimeType: 'image/webp' });
    expect(await resolve(base64)).toMatchObject({ sha256 });
    const percent = [...content].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    expect(await resolve(`data:,${percent}`)).toMatchObject({ sha256 });
  });

  test.each([
    ['data:image/png;base64,###', 'URL_INVALID'],
    ['data:image/png', 'URL_INVALID'],
    ['data:,', 'FILE_EMPTY'],
    ['data:text/html,<script>alert(1)</script>', 'UNSUPPORTED_MEDIA'],
    ['file:///etc/passwd', 'URL_SCHEME'],
    ['http://127.0.0.1:1/', 'URL_NOT_ALLOWED'],
    ['nonsense', 'URL_INVALID'],
  ])('is refused for %s as %s', async (source, code) => {
    await expect(resolve(source)).rejects.toMatchObject({ name: 'TerminalError', code });
    expect(await workLeft()).toEqual([]);
  });

  test('may be a web address, named by what it serves', async () => {
    const content = await readFile(await makePicture('jpeg'));
    handle = (_request, response) => response.end(content);
    expect(await resolve(`${origin}/photos/sea%20side.jpg?size=large`)).toMatchObject({
      name: 'sea side.jpg',
      mimeType: 'image/jpeg',
    });
  });

  test('is refused where the web address serves something else', async () => {
    handle = (_request, response) => response.end('<html></html>');
    await expect(resolve(`${origin}/photo.jpg`)).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
    const clip = await readFile(await makeCountingClip());
    handle = (_request, response) => response.end(clip);
    await expect(resolve(`${origin}/clip.mp4`)).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA',
      message: expect.stringContaining('A picture is needed'),
    });
  });
});

describe('a preview', () => {
  const saved = async (content: Promise<Readable>) => {
    const file = mediaPath(`preview-${randomUUID()}.webp`);
    await writeFile(file, await buffer(await content));
    return file;
  };

  test('of a picture is made once and kept', async () => {
    const asset = await ingestFile(await makePhotoJpeg(400, 300));
    const previews = await Promise.all([100, 160, 120].map((width) => service.thumbnail(asset, { width, signal })));
    expect(new Set(previews.map((preview) => preview.etag)).size).toBe(1);
    const [preview] = previews;
    expect(preview?.mimeType).toBe('image/webp');
    const { modifiedAt } =
      (await store.stat(`derived/${asset.sha256.slice(0, 2)}/${asset.sha256.slice(2, 4)}/${asset.sha256}/w160.webp`)) ??
      {};
    await service.thumbnail(asset, { width: 160, signal });
    expect(
      (await store.stat(`derived/${asset.sha256.slice(0, 2)}/${asset.sha256.slice(2, 4)}/${asset.sha256}/w160.webp`))
        ?.modifiedAt,
    ).toEqual(modifiedAt);
    const metadata = await sharp(await saved(preview!.open())).metadata();
    expect([metadata.width, metadata.height, metadata.format]).toEqual([160, 120, 'webp']);
    expect(await workLeft()).toEqual([]);
  });

  test('of a video is an early frame', async () => {
    const asset = await ingestFile(await makeCountingClip());
    const file = await saved((await service.thumbnail(asset, { width: 320, signal })).open());
    // Frame 3 of 30: a tenth into the clip.
    expect(isClose(await pixelAt(file, 30, 20), [112, 16, 16])).toBe(true);
    expect(await workLeft()).toEqual([]);
  });
});

describe('the files of an attempt', () => {
  const open = (owner = userId) => createAttemptAssets({ service, workDirs, userId: owner });

  test('cost nothing until they are used, and go at the end', async () => {
    const assets = open();
    expect(await workLeft()).toEqual([]);
    await writeFile(join(assets.workDir, 'left-over'), 'x');
    await assets.dispose();
    expect(await workLeft()).toEqual([]);
  });

  test('give assets to read and take products in', async () => {
    const asset = await ingestFile(await makePicture('png'));
    const assets = open();
    const reference = await assets.find(asset.id);
    expect(reference).toEqual({
      assetId: asset.id,
      url: `/api/assets/${asset.id}/content`,
      mimeType: 'image/png',
      bytes: asset.bytes,
      sha256: asset.sha256,
      width: 80,
      height: 60,
    });
    const input = await assets.localFile(reference);
    expect(isClose(await pixelAt(input, 10, 10), quarterColours.topLeft)).toBe(true);
    const output = join(assets.workDir, 'product');
    await sharp(input).resize(8, 6).webp().toFile(output);
    const product = await assets.save(output, { name: 'product', kind: 'image' });
    expect(product).toMatchObject({ mimeType: 'image/webp', width: 8, height: 6 });
    expect(rows.all.at(-1)?.name).toBe('product.webp');
    expect(existsSync(output)).toBe(false);
    await assets.dispose();
    expect(
      await stat(
        store.localPath(`content/${asset.sha256.slice(0, 2)}/${asset.sha256.slice(2, 4)}/${asset.sha256}`) ?? '',
      ),
    ).toBeDefined();
  });

  test("are never somebody else's, whatever a reference claims", async () => {
    const asset = await ingestFile(await makePicture('png'));
    const reference = await open().find(asset.id);
    const stranger = open('user-2');
    await expect(stranger.find(asset.id)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
    await expect(stranger.localFile(reference)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
  });

  test('are copied where the store is not local', async () => {
    const asset = await ingestFile(await makePicture('png'));
    store = { ...store, localPath: () => null };
    service = createService();
    const assets = open();
    const reference = await assets.find(asset.id);
    const file = await assets.localFile(reference);
    expect(file.startsWith(assets.workDir)).toBe(true);
    expect(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ).toBe(asset.sha256);
    expect(await assets.localFile(reference)).toBe(file);
    await assets.dispose();
  });

  test('tell of a content that is gone', async () => {
    const asset = await ingestFile(await makePicture('png'));
    const reference = await open().find(asset.id);
    await rm(join(folder, 'store', 'content'), { recursive: true });
    await expect(open().localFile(reference)).rejects.toMatchObject({
      code: 'ASSET_NOT_FOUND',
      message: expect.stringContaining('is gone'),
    });
  });

  test('refuse a product of another kind', async () => {
    const assets = open();
    const output = join(assets.workDir, 'product');
    await copyFile(await makePicture('png'), output);
    await expect(assets.save(output, { name: 'product', kind: 'video' })).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA',
    });
    await assets.dispose();
  });
});

test('a sweep deletes old blobs without a row, with what was derived from them', async () => {
  const kept = await ingestFile(await makePicture('png'));
  const dropped = await ingestFile(await makePicture('webp'));
  const young = await ingestFile(await makePicture('gif'));
  for (const asset of [kept, dropped]) await service.thumbnail(asset, { width: 160, signal });
  const keys: string[] = [];
  for (const prefix of ['content/', 'derived/']) for await (const { key } of store.list(prefix)) keys.push(key);
  expect(keys).toHaveLength(5);
  for (const key of keys.filter((candidate) => !candidate.includes(young.sha256))) {
    await utimes(store.localPath(key) ?? '', 1, 1);
  }
  await rows.delete(userId, [dropped.id]);
  expect(await sweepBlobs({ store, rows, now: Date.now, signal })).toBe(2);
  const left: string[] = [];
  for (const prefix of ['content/', 'derived/']) for await (const { key } of store.list(prefix)) left.push(key);
  expect(left.sort()).toEqual(keys.filter((key) => !key.includes(dropped.sha256)).sort());
});

describe('security case 2: what is refused', () => {
  async function everythingKept(): Promise<string[]> {
    const keys: string[] = [];
    for (const prefix of ['content/', 'derived/']) for await (const { key } of store.list(prefix)) keys.push(key);
    return keys;
  }

  async function expectNothingLeft(): Promise<void> {
    expect(await everythingKept()).toEqual([]);
    expect(await workLeft()).toEqual([]);
    expect([...rows.rooms]).toEqual([]);
    expect(rows.all).toEqual([]);
  }

  const tiny = { maxBytes: 100, maxFiles: 5 };
  const noFiles = { maxBytes: 1_000_000, maxFiles: 0 };

  test.each([
    ['bytes', tiny],
    ['files', noFiles],
  ])('for the quota of %s leaves nothing, however it came', async (_what, quota) => {
    const strict = createService(quota);
    const file = await makePicture('png', 400, 300);
    const { size } = await stat(file);
    const full = { code: 'STORAGE_FULL' };
    await expect(strict.ingest(createReadStream(file), { userId, name: 'x', signal })).rejects.toMatchObject(full);
    const untouched = createReadStream(file);
    const known = { userId, name: 'x', signal, contentLength: size + 200 };
    await expect(strict.receive(untouched, known)).rejects.toMatchObject(full);
    const made = join(workDirs.open().path, 'made.png');
    await copyFile(file, made);
    const product = { userId, name: 'x', isForeign: false, signal };
    await expect(strict.ingest({ file: made }, product)).rejects.toMatchObject(full);
    await rm(join(made, '..'), { recursive: true });
    handle = (_request, response) => createReadStream(file).pipe(response);
    const wanted = { userId, kind: 'image', signal } as const;
    await expect(strict.resolve(`${origin}/x.png`, wanted)).rejects.toMatchObject(full);
    const dataUrl = `data:image/png;base64,${(await readFile(file)).toString('base64')}`;
    await expect(strict.resolve(dataUrl, wanted)).rejects.toMatchObject(full);
    await expectNothingLeft();
  });

  test('is not even read where its length says that it cannot fit', async () => {
    let isRead = false;
    const source = new Readable({
      read() {
        isRead = true;
        this.push(null);
      },
    });
    const asked = createService({ maxBytes: 1_000_000, maxFiles: 5 }).receive(source, {
      userId,
      name: 'x',
      signal,
      contentLength: 4_000_000,
    });
    await expect(asked).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(isRead).toBe(false);
    await expectNothingLeft();
  });

  test('for what it is leaves nothing either', async () => {
    const source = Readable.from([Buffer.from('no picture at all')]);
    await expect(service.ingest(source, { userId, name: 'x', signal })).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA',
    });
    await expectNothingLeft();
  });

  test('counts with the files that are under way at the same moment, also of those whose length nobody knows', async () => {
    const pictures = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        sharp({ create: { width: 20 + i, height: 20, channels: 3, background: 'teal' } })
          .png()
          .toBuffer(),
      ),
    );
    const largest = Math.max(...pictures.map((picture) => picture.length));
    const quota = { maxBytes: largest * 3 + 50, maxFiles: 100 };
    const strict = createService(quota);
    const outcomes = await Promise.all(
      pictures.map((picture, i) =>
        strict.ingest(Readable.from([picture]), { userId, name: `${i}.png`, signal }).then(
          () => 'kept',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    const kept = outcomes.filter((outcome) => outcome === 'kept').length;
    expect(kept).toBeGreaterThan(0);
    expect(outcomes.filter((outcome) => outcome !== 'kept')).toEqual(
      Array.from({ length: 12 - kept }, () => 'STORAGE_FULL'),
    );
    expect(rows.all.reduce((sum, row) => sum + row.bytes, 0)).toBeLessThanOrEqual(quota.maxBytes);
    expect(await everythingKept()).toHaveLength(kept);
    expect([...rows.rooms]).toEqual([]);
  });

  test('for the disk is refused before anything is written, with room for every file under way', async () => {
    let free = 2 * 1_048_576;
    const disk = createDiskRoom({ folders: [folder], minFreeBytes: 0, freeBytes: async () => free });
    const waiting = disk.open();
    const second = disk.open();
    await disk.check(1_048_576);
    free -= 1;
    await expect(disk.check(1_048_576)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    waiting();
    waiting();
    await disk.check(1_048_576);
    second();
  });
});

describe('previews', () => {
  test('security case 2: count towards the quota, and are shown but not kept where it has no room', async () => {
    const file = await makePicture('png', 400, 300);
    const { size } = await stat(file);
    const strict = createService({ maxBytes: size + 10, maxFiles: 1 });
    const asset = await ingestFile(file, 'x.png', strict);
    for (let time = 0; time < 2; time += 1) {
      const preview = await strict.thumbnail(asset, { width: 160, signal });
      const bytes = await buffer(await preview.open());
      expect([bytes.length, (await sharp(bytes).metadata()).width]).toEqual([preview.bytes, 160]);
      expect(await buffer(await preview.open({ start: 2, end: 5 }))).toEqual(bytes.subarray(2, 6));
    }
    expect(existsSync(join(folder, 'store', 'derived'))).toBe(false);
  });

  test('security case 3: of a large picture are all made from one, so it is decoded once', async () => {
    const asked: { input: string; width: number }[] = [];
    const watched: Media = {
      ...media,
      writeThumbnail: (request) => {
        asked.push({ input: request.input, width: request.width });
        return media.writeThumbnail(request);
      },
    };
    const fetcher = createGuardedFetcher({ rules: createAddressRules({ allow: [] }), resolve: async () => [] });
    const disk = createDiskRoom({ folders: [folder] });
    const watching = createAssetService({
      store,
      rows,
      media: watched,
      fetcher,
      workDirs,
      createId: () => randomUUID(),
      disk,
      onLeftBlob: () => {},
    });
    const asset = await ingestFile(await makePicture('jpeg', 2_400, 1_800), 'large.jpg', watching);
    for (const width of [160, 320, 640, 1_280]) await watching.thumbnail(asset, { width, signal });
    expect(asked.map(({ width }) => width)).toEqual([1_280, 160, 320, 640]);
    const original = store.localPath(contentKey(asset.sha256));
    expect(asked.map(({ input }) => input === original)).toEqual([true, false, false, false]);
  });

  test('security case 3: that could not be made are not tried again at every request', async () => {
    let tries = 0;
    const failing: Media = {
      ...media,
      writeThumbnail: async () => {
        tries += 1;
        throw new TerminalError('MEDIA_TIMEOUT', 'too long');
      },
    };
    const fetcher = createGuardedFetcher({ rules: createAddressRules({ allow: [] }), resolve: async () => [] });
    const disk = createDiskRoom({ folders: [folder] });
    const failingService = createAssetService({
      store,
      rows,
      media: failing,
      fetcher,
      workDirs,
      createId: () => randomUUID(),
      disk,
      onLeftBlob: () => {},
    });
    const asset = await ingestFile(await makePicture('png'), 'x.png', failingService);
    for (let time = 0; time < 3; time += 1) {
      await expect(failingService.thumbnail(asset, { width: 160, signal })).rejects.toMatchObject({
        code: 'MEDIA_TIMEOUT',
      });
    }
    expect(tries).toBe(1);
  });
});

describe('security case 5: an asset that is deleted', () => {
  test('takes its content and its previews along, but not those that somebody else has', async () => {
    const file = await makePicture('png', 40, 30);
    const mine = await ingestFile(file, 'mine.png');
    const again = await ingestFile(file, 'again.png');
    const theirs = await service.ingest(createReadStream(file), { userId: 'user-2', name: 'theirs.png', signal });
    await service.thumbnail(mine, { width: 160, signal });
    expect(await service.remove('user-3', [mine.id])).toEqual([]);
    await service.remove(userId, [mine.id, again.id]);
    expect(await buffer(await (await service.content(theirs)).open())).toEqual(await readFile(file));
    await service.remove('user-2', [theirs.id]);
    await expect(service.content(theirs)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
    for (const prefix of ['content/', 'derived/']) for await (const { key } of store.list(prefix)) expect(key).toBe('');
  });
});
