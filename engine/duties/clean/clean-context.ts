import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { AssetRows } from '../../../assets/asset-rows.ts';
import type { AssetStore } from '../../../assets/asset-store.ts';
import type { Logger } from '../../../core/node-type/executor.ts';
import { listWorkflowsToClean } from '../../../db/workflows/list-to-clean.ts';
import type { RunRetention } from '../../../db/runs/delete-old.ts';

/** What each duty of the cleaner gets. */
export interface CleanContext {
  readonly pool: pg.Pool;
  readonly store: AssetStore;
  readonly rows: Pick<AssetRows, 'findReferenced' | 'dropContent'>;
  readonly retention: RunRetention;
  readonly logger: Logger;
  /** The pause after each step, in milliseconds: the database has other things to do. */
  readonly pauseMs: number;
}

type Pace = Pick<CleanContext, 'pauseMs'> & { readonly signal: AbortSignal };

/** Repeats a step until it removes less than a whole batch, with a pause after each. Gives how many it removed. */
export async function drain({ pauseMs, signal }: Pace, batch: number, step: () => Promise<number>): Promise<number> {
  for (let removed = 0; ;) {
    signal.throwIfAborted();
    const count = await step();
    removed += count;
    if (count < batch) return removed;
    await sleep(pauseMs, undefined, { signal });
  }
}

const workflowsAtOnce = 500;

/** Does a step for every workflow, with a pause after each that removed something. Gives how many were removed in all. */
export async function forEveryWorkflow(
  { pool, pauseMs, signal }: Pace & Pick<CleanContext, 'pool'>,
  step: (workflowId: number) => Promise<number>,
): Promise<number> {
  let [removed, after] = [0, 0];
  for (;;) {
    const workflows = await listWorkflowsToClean(pool, after, workflowsAtOnce);
    for (const id of workflows) {
      const count = await step(id);
      removed += count;
      if (count > 0) await sleep(pauseMs, undefined, { signal });
      signal.throwIfAborted();
    }
    after = workflows.at(-1) ?? after;
    if (workflows.length < workflowsAtOnce) return removed;
  }
}
