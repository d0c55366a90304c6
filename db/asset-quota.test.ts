import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { openDatabase, type DatabaseHandle } from './client.ts';
import { createAssetRows } from './assets/asset-rows.ts';
import { insertUserOnce } from './users/insert.ts';

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
  channels: null,
  sampleRate: null,
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

  test('security case 2: is never exceeded by files that are under way at the same moment', async () => {
    const rows = createAssetRows(handle.db);
    const userId = await newUser();
    const quota = { maxBytes: 55, maxFiles: 1_000 };
    const room = () => ({ id: randomUUID(), userId, bytes: 10, sha256: null });
    const rooms = Array.from({ length: 40 }, room);
    const taken = await Promise.all(rooms.map((one) => rows.reserve(one, quota)));
    expect(taken.filter((bytes) => bytes !== null)).toHaveLength(5);
    const [first] = rooms.filter((_one, i) => taken[i] !== null);
    // What was taken may grow into what is left, and no further.
    expect(await rows.reserve({ ...first!, bytes: 12, ahead: 100 }, quota)).toBe(15);
    expect(await rows.reserve({ ...first!, bytes: 16 }, quota)).toBeNull();
    // Its row takes its place, and what is given back is free again.
    expect(await rows.insert(asset(userId, 'a.png', 15), quota, first!.id)).not.toBeNull();
    expect(await rows.reserve(room(), quota)).toBeNull();
    for (const one of rooms) await rows.release(one.id);
    expect(await rows.reserve(room(), quota)).toBe(10);
  });

  test('security case 2: counts previews', async () => {
    const rows = createAssetRows(handle.db);
    const userId = await newUser();
    const quota = { maxBytes: 30, maxFiles: 10 };
    const { sha256 } = (await rows.insert(asset(userId, 'a.png'), quota))!;
    expect(await rows.chargeDerived({ userId, sha256, bytes: 15 }, quota)).toBe(true);
    expect(await rows.chargeDerived({ userId, sha256, bytes: 15 }, quota)).toBe(false);
    expect(await rows.insert(asset(userId, 'b.png'), quota)).toBeNull();
  });

  test('that is full still gives the row that is there, and is a matter of one user', async () => {
    const rows = createAssetRows(handle.db);
    const [one, other] = [await newUser(), await newUser()];
    const quota = { maxBytes: 10, maxFiles: 1 };
    const first = await rows.insert(asset(one, 'a.png'), quota);
    expect(await rows.insert(asset(one, 'a.png'), quota)).toEqual(first);
    expect(await rows.insert(asset(one, 'b.png'), quota)).toBeNull();
    expect(await rows.insert(asset(other, 'a.png'), quota)).not.toBeNull();
    expect(await rows.find({ workspaceId: other }, first!.id)).toBeNull();
  });
});

test('contents that any user refers to are found, others are not', async () => {
  const rows = createAssetRows(handle.db);
  await rows.insert(asset(await newUser(), 'a.png'), { maxBytes: 100, maxFiles: 10 });
  expect(await rows.findReferenced(['a'.repeat(64), 'b'.repeat(64)])).toEqual(new Set(['a'.repeat(64)]));
  expect(await rows.findReferenced([])).toEqual(new Set());
});

test('security case 5: a content is removed where nobody has it or is about to, and nobody can begin to meanwhile', async () => {
  const rows = createAssetRows(handle.db);
  const userId = await newUser();
  const quota = { maxBytes: 1_000, maxFiles: 10 };
  const sha256 = 'd'.repeat(64);
  const room = { id: randomUUID(), userId, bytes: 10, sha256 };
  const removed: string[] = [];
  const remove = async () => void removed.push('removed');
  expect(await rows.reserve(room, quota)).toBe(10);
  expect(await rows.dropContent(sha256, remove)).toBe(false);
  const row = await rows.insert({ ...asset(userId, 'd.png'), sha256 }, quota, room.id);
  expect(await rows.dropContent(sha256, remove)).toBe(false);
  expect(await rows.delete({ workspaceId: await newUser() }, [row!.id])).toEqual([]);
  expect(await rows.delete({ workspaceId: userId }, [row!.id])).toEqual([row]);
  const order: string[] = [];
  let claimed: Promise<unknown> = Promise.resolve();
  const isDropped = await rows.dropContent(sha256, async () => {
    claimed = rows.reserve({ ...room, id: randomUUID() }, quota).then(() => order.push('claimed'));
    // The claim has reached the database and waits there.
    await eventually(async () => {
      const waiting = await handle.pool.query("select from pg_locks where locktype = 'advisory' and not granted");
      expect(waiting.rowCount).toBeGreaterThan(0);
    });
    order.push('removed');
  });
  await claimed;
  expect([isDropped, removed, order]).toEqual([true, [], ['removed', 'claimed']]);
});
