import type { AssetRows } from './asset-rows.ts';
import type { AssetStore } from './asset-store.ts';
import { contentPrefix, derivedPrefix, sha256Of } from './blob-key.ts';

interface SweepOptions {
  readonly store: AssetStore;
  readonly rows: Pick<AssetRows, 'findReferenced' | 'dropContent'>;
  /** The clock, in ms. */
  readonly now: () => number;
  /** Younger blobs are left alone: their row may still be written. Default 24 hours. */
  readonly minAgeMs?: number;
  readonly signal: AbortSignal;
}

/** Contents per question to the database: few round trips, a small statement. */
const batchSize = 500;

/**
 * Deletes blobs that no row refers to, and what was derived from them. A put
 * of the same content makes a blob young again; each is looked at once more
 * right before it goes, while nobody can begin to have it. Gives the number of deleted blobs.
 */
export async function sweepBlobs(options: SweepOptions): Promise<number> {
  const { store, rows, now, minAgeMs = 86_400_000, signal } = options;
  const isOld = (modifiedAt: Date) => now() - modifiedAt.getTime() > minAgeMs;
  let deleted = 0;

  async function sweepBatch(keys: readonly string[]): Promise<void> {
    const hashes = keys.map((key) => sha256Of(key)).filter((sha256) => sha256 !== null);
    const referenced = await rows.findReferenced([...new Set(hashes)]);
    for (const key of keys) {
      const sha256 = sha256Of(key);
      if (sha256 === null || referenced.has(sha256)) continue;
      await rows.dropContent(sha256, async () => {
        const found = await store.stat(key);
        if (found !== null && isOld(found.modifiedAt) && (await store.delete(key))) deleted += 1;
      });
    }
  }

  for (const prefix of [contentPrefix, derivedPrefix]) {
    let batch: string[] = [];
    for await (const { key, modifiedAt } of store.list(prefix)) {
      signal.throwIfAborted();
      if (!isOld(modifiedAt)) continue;
      batch.push(key);
      if (batch.length < batchSize) continue;
      await sweepBatch(batch);
      batch = [];
    }
    if (batch.length > 0) await sweepBatch(batch);
  }
  return deleted;
}
