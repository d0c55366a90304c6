import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { contentKey } from '../../../assets/blob-key.ts';
import { createLocalDiskStore } from '../../../assets/local-disk-store.ts';
import { createAssetRows } from '../../../db/assets/asset-rows.ts';
import { cleanContextOf, doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import { deleteUnusedFiles } from './delete-unused-files.ts';

let database: OwnedDatabase;
let folder: string;
beforeAll(async () => {
  database = await openOwnedDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'heddle-files-'));
});
afterAll(async () => {
  await database.stop();
  await rm(folder, { recursive: true });
});

test('files that no row refers to go after a day, and no sooner', async () => {
  const store = createLocalDiskStore({ root: folder, now: Date.now });
  await store.start();
  const put = async (text: string, ageHours: number): Promise<string> => {
    const file = path.join(folder, text);
    await writeFile(file, text);
    const key = contentKey(createHash('sha256').update(text).digest('hex'));
    await store.put(key, file);
    const at = Date.now() / 1_000 - ageHours * 3_600;
    await utimes(path.join(folder, key), at, at);
    return key;
  };
  const [unused, young, used] = [await put('unused', 25), await put('young', 23), await put('used', 25)];
  await database.pool.query('update assets set sha256 = $2 where user_id = $1', [
    database.young.userId,
    createHash('sha256').update('used').digest('hex'),
  ]);
  const context = cleanContextOf(database, undefined, { store, rows: createAssetRows(database.db) });
  await doDuty(deleteUnusedFiles, context);
  expect(await store.stat(unused)).toBeNull();
  expect(await store.stat(young)).not.toBeNull();
  expect(await store.stat(used)).not.toBeNull();
  expect(context.lines).toMatchObject([{ fields: { files: 1 } }]);
});
