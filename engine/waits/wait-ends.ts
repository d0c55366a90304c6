import type pg from 'pg';
import type { Logger } from '../../core/node-type/executor.ts';
import { failWaitingNodeExecutions } from '../../db/nodes/fail.ts';
import { resolveNodeExecutions, type Resolve } from '../../db/nodes/resolve.ts';
import { resumeNodeExecutions, type Resume } from '../../db/nodes/resume.ts';
import type { ChangedRun, ReadyNode } from '../../db/run-sql/result.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import type { RunQueue } from '../../queue/run-queue.ts';
import { wakeRuns } from '../../db/runs/rest.ts';
import { noticesOf } from '../announce.ts';
import { jobsOf } from '../jobs-of.ts';
import { countParts, endedPartsOf, type EndedParts } from '../regions/count-parts.ts';

/** A wait that was given up, with what is said of it. */
export type WaitFailure = Parameters<typeof failWaitingNodeExecutions>[1][number];

/**
 * Ends waits, for whoever may: a request that answers, the sweeper. Each method gives the ids of the node executions that
 * it ended; the others were over before. That is durable then; waking a worker for what became ready is tried right
 * after, and repaired by the sweeper where that fails.
 */
export interface WaitEnds {
  /** Completes nodes with the outputs of what they waited for. */
  resolve(resolves: readonly Resolve[]): Promise<readonly string[]>;
  /** Fails nodes whose wait was given up. */
  fail(failures: readonly WaitFailure[]): Promise<readonly string[]>;
  /** Sends nodes back to the queue, to be worked on. */
  resume(resumes: readonly Resume[]): Promise<readonly string[]>;
}

/** What ending waits needs. */
export interface WaitEndsDependencies {
  readonly pool: pg.Pool;
  readonly queue: Pick<RunQueue, 'addNodes'>;
  readonly notices: Pick<NoticeChannel, 'publish'>;
  readonly logger: Logger;
  /** Hears of the runs that changed: one that is over makes room for the next of its user. */
  readonly onChanged?: ((runs: readonly ChangedRun[]) => void) | undefined;
}

interface Ended {
  readonly recorded: readonly string[];
  readonly runs: readonly ChangedRun[];
  readonly ready: readonly ReadyNode[];
}

/** Ends waits through one pool, queue and channel. */
export function createWaitEnds({ pool, queue, notices, logger, onChanged }: WaitEndsDependencies): WaitEnds {
  async function tell({ recorded, runs, ready }: Ended): Promise<readonly string[]> {
    onChanged?.(runs);
    await Promise.all([
      attempt(ready.length === 0 ? null : queue.addNodes(jobsOf(ready))),
      attempt(notices.publish(noticesOf(runs))),
      goOn(runs),
    ]);
    return recorded;
  }

  /** Of parts: those that are over make room for the next ones, and the run that they are in does not rest any more. */
  async function goOn(runs: readonly ChangedRun[]): Promise<void> {
    if (runs.length === 0) return;
    await attempt(tellOfParts(endedPartsOf(runs)));
    await attempt(
      wakeRuns(
        pool,
        runs.map(({ runId }) => runId),
      ),
    );
  }

  async function tellOfParts(ended: readonly EndedParts[]): Promise<void> {
    const { runs, ready } = await countParts(pool, ended);
    if (ready.length > 0) await queue.addNodes(jobsOf(ready));
    if (runs.length > 0) await notices.publish(noticesOf(runs));
  }

  async function attempt(work: Promise<unknown> | null): Promise<void> {
    try {
      await work;
    } catch (error) {
      logger.warn({ err: error }, 'could not wake a worker after a wait; the sweeper will');
    }
  }

  return {
    resolve: async (resolves) => tell(await resolveNodeExecutions(pool, resolves)),
    fail: async (failures) => tell(await failWaitingNodeExecutions(pool, failures)),
    resume: async (resumes) => tell(await resumeNodeExecutions(pool, resumes)),
  };
}
