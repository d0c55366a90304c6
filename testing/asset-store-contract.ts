import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { AssetStore, ByteRange } from '../assets/asset-store.ts';
import { contentKey, derivedKey } from '../assets/blob-key.ts';

export interface OpenedStore {
  readonly store: AssetStore;
  close(): Promise<void>;
}

/** What every asset store promises. Each implementation runs it over a fresh, empty store. */
export function assetStoreContract(name: string, openStore: () => Promise<OpenedStore>): void {
  describe(`the asset store ${name}`, () => {
    let opened: OpenedStore;
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'heddle-contract-'));
      opened = await openStore();
      await opened.store.start();
    });

    afterAll(async () => {
      await opened.close();
      await rm(folder, { recursive: true });
    });

    async function fileWith(content: Buffer): Promise<string> {
      const file = join(folder, randomUUID());
      await writeFile(file, content);
      return file;
    }

    async function put(content: Buffer): Promise<string> {
      const key = contentKey(createHash('sha256').update(content).digest('hex'));
      await opened.store.put(key, await fileWith(content));
      return key;
    }

    async function read(key: string, range?: ByteRange): Promise<Buffer | null> {
      const stream = await opened.store.open(key, range);
      return stream === null ? null : buffer(stream);
    }

    async function keysUnder(prefix: string): Promise<string[]> {
      const keys: string[] = [];
      for await (const { key } of opened.store.list(prefix)) keys.push(key);
      return keys.sort();
    }

    test('gives back what was put, and moves the file', async () => {
      const content = randomBytes(300_000);
      const key = contentKey(createHash('sha256').update(content).digest('hex'));
      const file = await fileWith(content);
      await opened.store.put(key, file);
      expect(existsSync(file)).toBe(false);
      expect((await read(key))?.equals(content)).toBe(true);
      const found = await opened.store.stat(key);
      expect(found?.bytes).toBe(300_000);
      expect(Math.abs((found?.modifiedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    test.each([
      [{ start: 0, end: 0 }, 'a'],
      [{ start: 2, end: 4 }, 'cde'],
      [{ start: 8, end: 9 }, 'ij'],
    ])('reads the range %j', async (range, expected) => {
      const key = await put(Buffer.from('abcdefghij'));
      expect((await read(key, range))?.toString()).toBe(expected);
    });

    test('takes the same content any number of times at once', async () => {
      const content = randomBytes(1_000_000);
      const keys = await Promise.all(Array.from({ length: 20 }, () => put(content)));
      const [key = ''] = keys;
      expect(new Set(keys).size).toBe(1);
      expect((await read(key))?.equals(content)).toBe(true);
      expect(await keysUnder(key)).toEqual([key]);
    });

    test('can be read while the same content is put again', async () => {
      const content = randomBytes(2_000_000);
      const key = await put(content);
      const [first] = await Promise.all([read(key), put(content), put(content)]);
      expect(first?.equals(content)).toBe(true);
    });

    test('keeps an empty blob', async () => {
      const key = await put(Buffer.alloc(0));
      expect(await opened.store.stat(key)).toMatchObject({ bytes: 0 });
      expect((await read(key))?.byteLength).toBe(0);
    });

    test('knows nothing of a blob that was never put or was deleted', async () => {
      const absent = contentKey('0'.repeat(64));
      expect(await opened.store.stat(absent)).toBeNull();
      expect(await opened.store.open(absent)).toBeNull();
      expect(await opened.store.delete(absent)).toBe(false);
      const key = await put(randomBytes(10));
      expect(await opened.store.delete(key)).toBe(true);
      expect(await opened.store.stat(key)).toBeNull();
      expect(await opened.store.delete(key)).toBe(false);
    });

    test('lists content and derived blobs apart', async () => {
      const content = await put(randomBytes(20));
      const sha256 = content.slice(-64);
      const derived = derivedKey(sha256, 'w160.webp');
      await opened.store.put(derived, await fileWith(Buffer.from('small')));
      expect(await keysUnder('content/')).toContain(content);
      expect(await keysUnder('content/')).not.toContain(derived);
      expect(await keysUnder('derived/')).toEqual([derived]);
      expect(await keysUnder(content)).toEqual([content]);
    });

    test.each([
      '',
      '../x',
      'content/../../etc/passwd',
      `content/aa/bb/${'g'.repeat(64)}`,
      `other/aa/bb/${'a'.repeat(64)}`,
    ])('refuses the key "%s"', async (key) => {
      const file = await fileWith(Buffer.from('x'));
      await expect((async () => opened.store.put(key, file))()).rejects.toThrow(TypeError);
      await expect((async () => opened.store.open(key))()).rejects.toThrow(TypeError);
    });
  });
}
