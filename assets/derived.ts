import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { LRUCache } from 'lru-cache';
import { TerminalError } from '../core/errors/app-error.ts';
import type { StorageQuota } from '../core/limits.ts';
import type { AssetRow, AssetRows } from './asset-rows.ts';
import { quotaFull } from './asset-room.ts';
import type { AssetContent, AssetStore, ByteRange } from './asset-store.ts';
import { derivedKey } from './blob-key.ts';
import type { WorkDirs } from './work-dirs.ts';

interface DerivedDependencies {
  readonly store: AssetStore;
  readonly rows: Pick<AssetRows, 'chargeDerived'>;
  readonly quota: StorageQuota;
  readonly workDirs: WorkDirs;
}

/** Something that can be made again from a content at any time. */
export interface DerivedThing {
  /** Part of its key, as `w320-2.webp`: another way of making it has another one. */
  readonly variant: string;
  readonly mimeType: string;
  /** Changes with the variant; without quotes. */
  readonly etag: string;
  /** Writes it to `output`; `folder` is gone afterwards. */
  make(files: { readonly output: string; readonly folder: string }): Promise<void>;
}

/** What was made from contents, kept in the store beside them. */
export interface Derived {
  get(asset: AssetRow, thing: DerivedThing, signal: AbortSignal): Promise<AssetContent>;
}

/** Of what the quota has no room for. */
const memoryBytes = 16 * 1_048_576;

/** What could not be made is not tried again for this long: what failed costs the most. */
const failedForMs = 10 * 60_000;
const rememberedFailures = 2_000;

/**
 * Derived blobs, such as previews: made when first asked for, kept in the store,
 * made again when lost. Where the user's quota has no room they are kept in memory for a while; what is too large for that is
 * refused, STORAGE_FULL, for ten minutes.
 */
export function createDerived({ store, rows, quota, workDirs }: DerivedDependencies): Derived {
  const making = new Map<string, Promise<void>>();
  const unkept = new LRUCache<string, Buffer>({ maxSize: memoryBytes, sizeCalculation: (bytes) => bytes.byteLength });
  const failed = new LRUCache<string, TerminalError>({ max: rememberedFailures, ttl: failedForMs });

  async function make(asset: AssetRow, key: string, thing: DerivedThing): Promise<void> {
    const workDir = workDirs.open();
    try {
      const output = join(workDir.path, 'derived');
      await thing.make({ output, folder: workDir.path });
      const { size: bytes } = await stat(output);
      const { userId, sha256 } = asset;
      if (await rows.chargeDerived({ userId, sha256, bytes }, quota)) await store.put(key, output);
      else if (bytes > memoryBytes) throw quotaFull(quota);
      else unkept.set(key, await readFile(output));
    } catch (error) {
      // A content that is missing now may be uploaded again.
      if (error instanceof TerminalError && error.code !== 'ASSET_NOT_FOUND') failed.set(key, error);
      throw error;
    } finally {
      await workDir.dispose();
    }
  }

  /** Requests for the same thing at the same time wait for one piece of work. */
  async function makeOnce(asset: AssetRow, key: string, thing: DerivedThing, signal: AbortSignal): Promise<void> {
    const known = failed.get(key);
    if (known !== undefined) throw known;
    const running = making.get(key);
    if (running !== undefined) {
      // Whoever started it may have gone away; then it is made here.
      const isDone = await running.then(
        () => true,
        () => false,
      );
      if (isDone) return;
    }
    signal.throwIfAborted();
    const work = make(asset, key, thing).finally(() => making.delete(key));
    making.set(key, work);
    await work;
  }

  return {
    async get(asset, thing, signal) {
      const key = derivedKey(asset.sha256, thing.variant);
      const about = { mimeType: thing.mimeType, etag: thing.etag };
      if ((await store.stat(key)) === null && !unkept.has(key)) await makeOnce(asset, key, thing, signal);
      const bytes = unkept.get(key);
      if (bytes !== undefined) {
        const open = async (range?: ByteRange) =>
          Readable.from([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)]);
        return { ...about, bytes: bytes.byteLength, open };
      }
      const found = await store.stat(key);
      if (found === null) throw missing(asset);
      return {
        ...about,
        bytes: found.bytes,
        async open(range) {
          const stream = await store.open(key, range);
          if (stream === null) throw missing(asset);
          return stream;
        },
      };
    },
  };
}

function missing(asset: AssetRow): TerminalError {
  return new TerminalError('ASSET_NOT_FOUND', `What was made from asset ${asset.id} was removed. Ask for it again.`);
}
