import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { TerminalError } from '../core/errors/app-error.ts';
import type { DataQuota } from '../core/limits.ts';
import { readUserData } from '../db/user-data/read.ts';

/** What a user keeps is read at most so often: starts of many runs cost one statement. */
const knownForMs = 5_000;
const knownUsers = 10_000;

export interface DataQuotaCheck {
  /** Throws DATA_QUOTA_FULL where the user keeps as much as one may. Runs under way may still go a little beyond. */
  requireRoom(userId: string): Promise<void>;
}

/** Keeps users from starting runs whose outcome there is no room for. */
export function createDataQuotaCheck(options: {
  readonly pool: pg.Pool;
  readonly quota: DataQuota;
  readonly knownForMs?: number;
}): DataQuotaCheck {
  const { pool, quota } = options;
  const known = new LRUCache<string, true>({ max: knownUsers, ttl: options.knownForMs ?? knownForMs });
  return {
    async requireRoom(userId) {
      if (known.has(userId)) return;
      const { bytes } = await readUserData(pool, userId);
      // Only good news is remembered: whoever makes room goes on at once.
      if (bytes >= quota.maxBytes) throw dataQuotaFull(quota);
      known.set(userId, true);
    },
  };
}

export function dataQuotaFull(quota: DataQuota): TerminalError {
  return new TerminalError(
    'DATA_QUOTA_FULL',
    `Your workflows and what their runs keep may take ${quota.maxBytes} bytes in ${quota.maxWorkflows} workflows. ` +
      'Delete runs or workflows that you do not need any more.',
    { details: { ...quota } },
  );
}
