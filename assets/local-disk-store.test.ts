import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assetStoreContract } from '../testing/asset-store-contract.ts';
import { contentKey } from './blob-key.ts';
import { createLocalDiskStore } from './local-disk-store.ts';

async function openStore(options: { minFreeBytes?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-store-'));
  const root = join(folder, 'store');
  const store = createLocalDiskStore({ root, now: Date.now, ...options });
  return {
    store,
    root,
    folder,
    async close() {
      await chmod(folder, 0o700);
      await rm(folder, { recursive: true });
    },
  };
}

assetStoreContract('on the local disk', openStore);

const content = Buffer.from('content');
const key = contentKey(createHash('sha256').update(content).digest('hex'));

test('a put leaves nothing behind but the blob', async () => {
  const { store, root, folder, close } = await openStore();
  await store.start();
  const file = join(folder, 'file');
  await writeFile(file, content);
  await store.put(key, file);
  expect(await readdir(join(root, 'incoming'))).toEqual([]);
  expect(store.localPath(key)).toBe(join(root, ...key.split('/')));
  await close();
});

test('a start removes what a crash left half written, and nothing that is being written now', async () => {
  const { store, root, close } = await openStore();
  await store.start();
  const [old, fresh] = [join(root, 'incoming', 'old'), join(root, 'incoming', 'fresh')];
  await writeFile(old, 'half');
  await writeFile(fresh, 'half');
  const twoHoursAgo = Date.now() / 1_000 - 7_200;
  await utimes(old, twoHoursAgo, twoHoursAgo);
  await store.start();
  expect(await readdir(join(root, 'incoming'))).toEqual(['fresh']);
  await close();
});

test('a blob that is put again counts as new', async () => {
  const { store, folder, close } = await openStore();
  await store.start();
  const file = join(folder, 'file');
  await writeFile(file, content);
  await store.put(key, file);
  const path = store.localPath(key) ?? '';
  await utimes(path, 1, 1);
  await writeFile(file, content);
  const putAt = Date.now();
  await store.put(key, file);
  expect((await stat(path)).mtimeMs).toBeGreaterThanOrEqual(putAt - 1);
  await close();
});

test('a put is refused while the disk is nearly full, and may be tried again', async () => {
  const { store, folder, close } = await openStore({ minFreeBytes: Number.MAX_SAFE_INTEGER });
  await store.start();
  const file = join(folder, 'file');
  await writeFile(file, content);
  await expect(store.put(key, file)).rejects.toMatchObject({ name: 'RetryableError', code: 'STORAGE_FULL' });
  expect(await store.stat(key)).toBeNull();
  await close();
});
