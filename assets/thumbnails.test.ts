import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { TerminalError } from '../core/errors/app-error.ts';
import type { Media } from '../media/media.ts';
import {
  isClose,
  makeCountingClip,
  makePhotoJpeg,
  makePicture,
  makeRotatedClip,
  makeSound,
  mediaPath,
  pixelAt,
  quarterColors,
} from '../testing/media.ts';
import { contentKey } from './blob-key.ts';
import { createDerived } from './derived.ts';
import { createAssetServiceParts, signal } from '../testing/asset-service.ts';

const at = createAssetServiceParts();

describe('a preview', () => {
  const saved = async (content: Promise<Readable>) => {
    const file = mediaPath(`preview-${randomUUID()}.webp`);
    await writeFile(file, await buffer(await content));
    return file;
  };

  test('of a picture is made once and kept', async () => {
    const asset = await at.ingestFile(await makePhotoJpeg(400, 300));
    const previews = await Promise.all([100, 160, 120].map((width) => at.service.thumbnail(asset, { width, signal })));
    expect(new Set(previews.map((preview) => preview.etag)).size).toBe(1);
    const [preview] = previews;
    expect(preview?.mimeType).toBe('image/webp');
    const { modifiedAt } =
      (await at.store.stat(
        `derived/${asset.sha256.slice(0, 2)}/${asset.sha256.slice(2, 4)}/${asset.sha256}/w160.webp`,
      )) ?? {};
    await at.service.thumbnail(asset, { width: 160, signal });
    expect(
      (await at.store.stat(`derived/${asset.sha256.slice(0, 2)}/${asset.sha256.slice(2, 4)}/${asset.sha256}/w160.webp`))
        ?.modifiedAt,
    ).toEqual(modifiedAt);
    const metadata = await sharp(await saved(preview!.open())).metadata();
    expect([metadata.width, metadata.height, metadata.format]).toEqual([160, 120, 'webp']);
    expect(await at.workLeft()).toEqual([]);
  });

  test('of a video is an early frame', async () => {
    const asset = await at.ingestFile(await makeCountingClip());
    const file = await saved((await at.service.thumbnail(asset, { width: 320, signal })).open());
    // Frame 3 of 30: a tenth into the clip.
    expect(isClose(await pixelAt(file, 30, 20), [112, 16, 16])).toBe(true);
    expect(await at.workLeft()).toEqual([]);
  });

  test('of a video that lies on its side stands within the width, in its colors', async () => {
    const [input, output] = [await makeRotatedClip(), mediaPath('turned.webp')];
    await at.media.writeThumbnail({ input, mimeType: 'video/mp4', output, width: 30, signal });
    expect(await sharp(output).metadata()).toMatchObject({ width: 30, height: 40 });
    const corners = await Promise.all([3, 26].flatMap((x) => [3, 36].map((y) => pixelAt(output, x, y))));
    const { topLeft, bottomLeft, topRight, bottomRight } = quarterColors;
    expect(corners.map((color, index) => isClose(color, [topLeft, bottomLeft, topRight, bottomRight][index]!))).toEqual(
      [true, true, true, true],
    );
  });
});

describe('previews', () => {
  test('security case 2: count towards the quota, and are shown but not kept where it has no room', async () => {
    const file = await makePicture('png', 400, 300);
    const { size } = await stat(file);
    const strict = at.createService({ maxBytes: size + 10, maxFiles: 1 });
    const asset = await at.ingestFile(file, 'x.png', strict);
    for (let time = 0; time < 2; time += 1) {
      const preview = await strict.thumbnail(asset, { width: 160, signal });
      const bytes = await buffer(await preview.open());
      expect([bytes.length, (await sharp(bytes).metadata()).width]).toEqual([preview.bytes, 160]);
      expect(await buffer(await preview.open({ start: 2, end: 5 }))).toEqual(bytes.subarray(2, 6));
    }
    expect(existsSync(join(at.folder, 'store', 'derived'))).toBe(false);
  });

  test('security case 3: of a large picture are all made from one, so it is decoded once', async () => {
    const asked: { input: string; width: number }[] = [];
    const watched: Media = {
      ...at.media,
      writeThumbnail: (request) => {
        asked.push({ input: request.input, width: request.width });
        return at.media.writeThumbnail(request);
      },
    };
    const watching = at.createService(undefined, { media: watched });
    const asset = await at.ingestFile(await makePicture('jpeg', 2_400, 1_800), 'large.jpg', watching);
    for (const width of [160, 320, 640, 1_280]) await watching.thumbnail(asset, { width, signal });
    expect(asked.map(({ width }) => width)).toEqual([1_280, 160, 320, 640]);
    const original = at.store.localPath(contentKey(asset.sha256));
    expect(asked.map(({ input }) => input === original)).toEqual([true, false, false, false]);
  });

  test('security case 3: that could not be made are not tried again at every request', async () => {
    let tries = 0;
    const failing: Media = {
      ...at.media,
      writeThumbnail: async () => {
        tries += 1;
        throw new TerminalError('MEDIA_TIMEOUT', 'too long');
      },
    };
    const failingService = at.createService(undefined, { media: failing });
    const asset = await at.ingestFile(await makePicture('png'), 'x.png', failingService);
    for (let time = 0; time < 3; time += 1) {
      await expect(failingService.thumbnail(asset, { width: 160, signal })).rejects.toMatchObject({
        code: 'MEDIA_TIMEOUT',
      });
    }
    expect(tries).toBe(1);
  });
});

describe('an audio file', () => {
  test('is given as MP3 to browsers that do not play its format, made once and kept; an MP3 is given as it is', async () => {
    const asset = await at.ingestFile(await makeSound('aiff'), 'take.aiff');
    const [copy, again] = await Promise.all([1, 2].map(() => at.service.playable(asset, { signal })));
    expect(copy).toMatchObject({ mimeType: 'audio/mpeg', etag: again!.etag });
    const file = mediaPath('played.mp3');
    await writeFile(file, await buffer(await copy!.open()));
    const made = await at.ingestFile(file, 'played.mp3');
    expect(made).toMatchObject({ mimeType: 'audio/mpeg', channels: 2, sampleRate: 48_000 });
    expect(Math.abs(made.durationMs! - 3_000)).toBeLessThan(120);
    expect((await at.service.playable(made, { signal })).etag).toBe((await at.service.content(made)).etag);
    const photo = await at.ingestFile(await makePicture('png'));
    expect((await at.service.playable(photo, { signal })).mimeType).toBe('image/png');
    expect(await at.workLeft()).toEqual([]);
  });
});

test('what is too large for the memory, and has no room in the quota, is not made with each request', async () => {
  let made = 0;
  const derived = createDerived({
    store: at.store,
    rows: { chargeDerived: async () => false },
    quota: { maxBytes: 1, maxFiles: 1 },
    workDirs: at.workDirs,
  });
  const thing = {
    variant: 'large.bin',
    mimeType: 'application/octet-stream',
    etag: 'large',
    async make({ output }: { readonly output: string }) {
      made += 1;
      await writeFile(output, '');
      await truncate(output, 16 * 1_048_576 + 1);
    },
  };
  const asset = await at.ingestFile(await makePhotoJpeg(40, 30));
  for (let turn = 0; turn < 2; turn += 1)
    await expect(derived.get(asset, thing, signal)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  expect(made).toBe(1);
});
