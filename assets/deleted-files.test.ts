import { describe, expect, test } from '@jest/globals';
import { createReadStream } from 'node:fs';
import { readFile, utimes } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { makePicture } from '../testing/media.ts';
import { sweepBlobs } from './sweep-blobs.ts';
import { createAssetServiceParts, signal, userId } from '../testing/asset-service.ts';

const at = createAssetServiceParts();

test('a sweep deletes old blobs without a row, with what was derived from them', async () => {
  const kept = await at.ingestFile(await makePicture('png'));
  const dropped = await at.ingestFile(await makePicture('webp'));
  const young = await at.ingestFile(await makePicture('gif'));
  for (const asset of [kept, dropped]) await at.service.thumbnail(asset, { width: 160, signal });
  const keys: string[] = [];
  for (const prefix of ['content/', 'derived/']) for await (const { key } of at.store.list(prefix)) keys.push(key);
  expect(keys).toHaveLength(5);
  for (const key of keys.filter((candidate) => !candidate.includes(young.sha256))) {
    await utimes(at.store.localPath(key) ?? '', 1, 1);
  }
  await at.rows.delete({ workspaceId: userId }, [dropped.id]);
  expect(await sweepBlobs({ store: at.store, rows: at.rows, now: Date.now, signal })).toBe(2);
  const left: string[] = [];
  for (const prefix of ['content/', 'derived/']) for await (const { key } of at.store.list(prefix)) left.push(key);
  expect(left.sort()).toEqual(keys.filter((key) => !key.includes(dropped.sha256)).sort());
});

describe('security case 5: an asset that is deleted', () => {
  test('takes its content and its previews along, but not those that somebody else has', async () => {
    const file = await makePicture('png', 40, 30);
    const mine = await at.ingestFile(file, 'mine.png');
    const again = await at.ingestFile(file, 'again.png');
    const theirs = await at.service.ingest(createReadStream(file), { userId: 'user-2', name: 'theirs.png', signal });
    await at.service.thumbnail(mine, { width: 160, signal });
    expect(await at.service.remove({ workspaceId: 'user-3' }, [mine.id])).toEqual([]);
    await at.service.remove({ workspaceId: userId }, [mine.id, again.id]);
    expect(await buffer(await (await at.service.content(theirs)).open())).toEqual(await readFile(file));
    await at.service.remove({ workspaceId: 'user-2' }, [theirs.id]);
    await expect(at.service.content(theirs)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
    for (const prefix of ['content/', 'derived/'])
      for await (const { key } of at.store.list(prefix)) expect(key).toBe('');
  });
});
