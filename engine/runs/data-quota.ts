import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { DataQuota } from '../../core/limits.ts';
import { measureUserData } from '../../db/user-data/measure.ts';

/** What a user keeps is read at most so often: starts of many runs cost one statement, until they may have used up the room. */
const knownForMs = 5_000;
const knownUsers = 10_000;

/** Whether there is room for what somebody wants to keep. */
export interface DataQuotaCheck {
  /**
   * Takes room for `bytes` that are about to be kept, the most that they can be. Throws DATA_QUOTA_FULL where the user
   * keeps as much as one may. What runs under way put out is measured afterwards and may go beyond.
   */
  requireRoom(userId: string, bytes: number): Promise<void>;
}

/** Keeps users from starting runs whose outcome there is no room for. */
export function createDataQuotaCheck(options: {
  readonly pool: pg.Pool;
  readonly quota: DataQuota;
  readonly knownForMs?: number;
}): DataQuotaCheck {
  const { pool, quota } = options;
  /** The room that was left, less what was taken of it since. */
  const known = new LRUCache<string, { left: number }>({ max: knownUsers, ttl: options.knownForMs ?? knownForMs });
  const measuring = new Map<string, Promise<void>>();

  function takeKnown(userId: string, bytes: number): boolean {
    const remembered = known.get(userId);
    if (remembered === undefined || remembered.left < bytes) return false;
    remembered.left -= bytes;
    return true;
  }

  return {
    async requireRoom(userId, bytes) {
      if (takeKnown(userId, bytes)) return;
      const pending = measuring.get(userId);
      if (pending !== undefined) {
        // Many at once need one look, where it brings good news.
        await pending.catch(() => {});
        if (takeKnown(userId, bytes)) return;
      }
      const own = measure(userId, bytes);
      measuring.set(userId, own);
      try {
        await own;
      } finally {
        if (measuring.get(userId) === own) measuring.delete(userId);
      }
    },
  };

  async function measure(userId: string, bytes: number): Promise<void> {
    const { bytes: kept } = await measureUserData(pool, userId);
    // Only good news is remembered: whoever makes room goes on at once.
    if (kept >= quota.maxBytes) throw dataQuotaFull(quota);
    // Others who asked meanwhile have taken theirs of what was read: the smaller number is right.
    const left = Math.min(quota.maxBytes - kept, known.get(userId)?.left ?? Infinity) - bytes;
    if (left >= 0) known.set(userId, { left });
    else known.delete(userId);
  }
}

/** What is said where there is not. */
export function dataQuotaFull(quota: DataQuota): TerminalError {
  return new TerminalError(
    'DATA_QUOTA_FULL',
    `Your workflows and what their runs keep may take ${quota.maxBytes} bytes in ${quota.maxWorkflows} workflows. ` +
      'Delete runs or workflows that you do not need any more.',
    { details: { ...quota } },
  );
}
