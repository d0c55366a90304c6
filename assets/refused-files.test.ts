import { describe, expect, test } from '@jest/globals';
import { createReadStream } from 'node:fs';
import { copyFile, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { makePicture } from '../testing/media.ts';
import { createDiskRoom } from './disk-room.ts';
import { createAssetServiceParts, signal, userId } from '../testing/asset-service.ts';

const at = createAssetServiceParts();

describe('security case 2: what is refused', () => {
  async function everythingKept(): Promise<string[]> {
    const keys: string[] = [];
    for (const prefix of ['content/', 'derived/']) for await (const { key } of at.store.list(prefix)) keys.push(key);
    return keys;
  }

  async function expectNothingLeft(): Promise<void> {
    expect(await everythingKept()).toEqual([]);
    expect(await at.workLeft()).toEqual([]);
    expect([...at.rows.rooms]).toEqual([]);
    expect(at.rows.all).toEqual([]);
  }

  const tiny = { maxBytes: 100, maxFiles: 5 };
  const noFiles = { maxBytes: 1_000_000, maxFiles: 0 };

  test.each([
    ['bytes', tiny],
    ['files', noFiles],
  ])('for the quota of %s leaves nothing, however it came', async (_what, quota) => {
    const strict = at.createService(quota);
    const file = await makePicture('png', 400, 300);
    const { size } = await stat(file);
    const full = { code: 'STORAGE_FULL' };
    await expect(strict.ingest(createReadStream(file), { userId, name: 'x', signal })).rejects.toMatchObject(full);
    const untouched = createReadStream(file);
    const known = { userId, name: 'x', signal, contentLength: size + 200 };
    await expect(strict.receive(untouched, known)).rejects.toMatchObject(full);
    const made = join(at.workDirs.open().path, 'made.png');
    await copyFile(file, made);
    const product = { userId, name: 'x', isForeign: false, signal };
    await expect(strict.ingest({ file: made }, product)).rejects.toMatchObject(full);
    await rm(join(made, '..'), { recursive: true });
    at.serve((_request, response) => createReadStream(file).pipe(response));
    const wanted = { userId, kind: 'image', signal } as const;
    await expect(strict.resolve(`${at.origin}/x.png`, wanted)).rejects.toMatchObject(full);
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
    const asked = at.createService({ maxBytes: 1_000_000, maxFiles: 5 }).receive(source, {
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
    const source = Readable.from([Buffer.from([0, 1, 2, 3])]);
    await expect(at.service.ingest(source, { userId, name: 'x', signal })).rejects.toMatchObject({
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
    const strict = at.createService(quota);
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
    expect(at.rows.all.reduce((sum, row) => sum + row.bytes, 0)).toBeLessThanOrEqual(quota.maxBytes);
    expect(await everythingKept()).toHaveLength(kept);
    expect([...at.rows.rooms]).toEqual([]);
  });

  test('for the disk is refused before anything is written, with room for every file under way', async () => {
    let free = 2 * 1_048_576;
    const disk = createDiskRoom({ folders: [at.folder], minFreeBytes: 0, freeBytes: async () => free });
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
