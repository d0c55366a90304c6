import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { openDatabase, type DatabaseHandle } from './client.ts';
import { createAssetRows } from './queries/assets.ts';
import { insertUserOnce } from './queries/users.ts';

let created: TestDatabase;
let handle: DatabaseHandle;

beforeAll(async () => {
  created = await createTestDatabase();
  handle = openDatabase(created.url, { poolSize: 10, applicationName: 'test', onError: () => {} });
});
afterAll(async () => {
  await handle.stop();
  await created.drop();
});

async function newUser(): Promise<string> {
  const id = randomUUID();
  await insertUserOnce(handle.db, { id, email: `${id}@example.com`, role: 'member', passwordHash: null });
  return id;
}

const asset = (userId: string, name: string, bytes = 10) => ({
  id: randomUUID(),
  userId,
  sha256: 'a'.repeat(64),
  name,
  mimeType: 'image/png',
  bytes,
  width: 1,
  height: 1,
  durationMs: null,
});

describe('a quota', () => {
  test.each([
    ['files', { maxBytes: 1_000_000, maxFiles: 5 }],
    ['bytes', { maxBytes: 59, maxFiles: 1_000 }],
  ])('attack 23: of %s is never exceeded by uploads that race', async (_what, quota) => {
    const rows = createAssetRows(handle.db);
    const userId = await newUser();
    const inserted = await Promise.all(
      Array.from({ length: 100 }, (_, i) => rows.insert(asset(userId, `${i}.png`), quota)),
    );
    expect(inserted.filter((row) => row !== null)).toHaveLength(5);
  });

  test('that is full still gives the row that is there, and is a matter of one user', async () => {
    const rows = createAssetRows(handle.db);
    const [one, other] = [await newUser(), await newUser()];
    const quota = { maxBytes: 10, maxFiles: 1 };
    const first = await rows.insert(asset(one, 'a.png'), quota);
    expect(await rows.insert(asset(one, 'a.png'), quota)).toEqual(first);
    expect(await rows.insert(asset(one, 'b.png'), quota)).toBeNull();
    expect(await rows.insert(asset(other, 'a.png'), quota)).not.toBeNull();
    expect(await rows.find(other, first!.id)).toBeNull();
  });
});

test('contents that any user refers to are found, others are not', async () => {
  const rows = createAssetRows(handle.db);
  await rows.insert(asset(await newUser(), 'a.png'), { maxBytes: 100, maxFiles: 10 });
  expect(await rows.findReferenced(['a'.repeat(64), 'b'.repeat(64)])).toEqual(new Set(['a'.repeat(64)]));
  expect(await rows.findReferenced([])).toEqual(new Set());
});
