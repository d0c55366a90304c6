import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { AssetRows } from '../../../assets/asset-rows.ts';
import type { AssetStore } from '../../../assets/asset-store.ts';
import { sweepBlobs } from '../../../assets/sweep-blobs.ts';
import type { Logger } from '../../../core/node-type/executor.ts';
import { dropOldCachedOutputs } from '../../../db/outputs/delete-old.ts';
import { dropUnusedVersions } from '../../../db/workflows/delete-unused-versions.ts';
import { expireRunsOfWorkflow, type RunRetention } from '../../../db/runs/delete-old.ts';
import { listWorkflowsToClean } from '../../../db/workflows/list-to-clean.ts';
import { lockCleaning } from '../../../db/duties/lock.ts';

export interface CleanerOptions {
  readonly pool: pg.Pool;
  readonly store: AssetStore;
  readonly rows: Pick<AssetRows, 'findReferenced' | 'dropContent'>;
  readonly retention: RunRetention;
  readonly logger: Logger;
  /** How often it looks. Default an hour. */
  readonly intervalMs?: number;
  /** The pause after each step. Default 50 ms: the database has other things to do. */
  readonly pauseMs?: number;
}

export interface Cleaner {
  start(): void;
  /** One whole round now. False: another server is at it. */
  clean(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Runs in one statement: with their nodes and events some ten thousand rows at most, well under a second. */
const runsAtOnce = 100;
const workflowsAtOnce = 500;
const outputsAtOnce = 1_000;

/**
 * Removes what is past its time: old runs, graphs and cached outputs that
 * nothing uses any more, and files that no row refers to. In small steps with a
 * pause after each; one server of an installation at a time.
 */
export function createCleaner(options: CleanerOptions): Cleaner {
  const { pool, store, rows, retention, logger, intervalMs = 3_600_000, pauseMs = 50 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<unknown> = Promise.resolve();

  /** Repeats a step until it finds less than a whole batch. */
  async function drain(step: () => Promise<number>, batch: number): Promise<number> {
    for (let removed = 0; ;) {
      signal.throwIfAborted();
      const count = await step();
      removed += count;
      if (count < batch) return removed;
      await sleep(pauseMs, undefined, { signal });
    }
  }

  async function cleanAll(): Promise<void> {
    const keepsAll = retention.days === null && retention.perWorkflow === null;
    let [runs, versions, outputs, after] = [0, 0, 0, 0];
    for (;;) {
      const workflows = await listWorkflowsToClean(pool, after, workflowsAtOnce);
      for (const id of workflows) {
        if (!keepsAll) {
          const count = await drain(() => expireRunsOfWorkflow(pool, id, retention, runsAtOnce), runsAtOnce);
          runs += count;
          if (count > 0) await sleep(pauseMs, undefined, { signal });
        }
        versions += await dropUnusedVersions(pool, id);
        signal.throwIfAborted();
      }
      after = workflows.at(-1) ?? after;
      if (workflows.length < workflowsAtOnce) break;
    }
    const { days } = retention;
    if (days !== null) outputs = await drain(() => dropOldCachedOutputs(pool, days, outputsAtOnce), outputsAtOnce);
    const files = await sweepBlobs({ store, rows, now: Date.now, signal });
    if (runs + versions + outputs + files > 0) {
      logger.info({ runs, versions, outputs, files }, 'removed what is past its time');
    }
  }

  async function clean(): Promise<boolean> {
    const guard = await pool.connect();
    try {
      await guard.query('begin');
      // The lock is held by a session that does nothing meanwhile.
      await guard.query('set local idle_in_transaction_session_timeout = 0');
      if (!(await lockCleaning(guard))) return false;
      await cleanAll();
      return true;
    } finally {
      await guard.query('rollback').catch(() => {});
      guard.release();
    }
  }

  function cleanNow(): void {
    working = working.then(clean).catch((error: unknown) => {
      if (!signal.aborted) logger.warn({ err: error }, 'cleaning stopped half-way; the next round goes on');
    });
  }

  return {
    clean,
    start: () => {
      timer = setInterval(cleanNow, intervalMs);
    },
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await working;
    },
  };
}
