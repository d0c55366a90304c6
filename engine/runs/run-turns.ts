import type pg from 'pg';
import type { Logger } from '../../core/node-type/executor.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { forEverybody } from '../../db/acting-for.ts';
import { admitRunsAfter } from '../../db/runs/admit.ts';
import type { ChangedRun } from '../../db/run-sql/result.ts';
import type { RunQueue } from '../../queue/run-queue.ts';

/*
 * Fair turns between users: each has so many runs under way, and the others
 * wait in Postgres, not in the queue. So the queue never holds more of one user
 * than that, and a run of somebody else finds few jobs before it, however many
 * wait. A run that ends makes room for the next one of its user.
 */
export interface RunTurns {
  /** Unfinished runs of one user that may be under way at once. */
  readonly maxActivePerUser: number;
  /** Lets the next runs begin where the given ones are over. Not awaited: what fails here the sweeper does. */
  ended(runs: readonly ChangedRun[]): void;
  /** Lets runs begin of the user who owns this one, which has just come to wait. */
  waits(runId: string): void;
  /** Waits for what is under way. */
  idle(): Promise<void>;
}

/** What giving turns needs. `maxActivePerUser`: runs of one user that are under way at once. */
export interface RunTurnsDependencies {
  readonly pool: pg.Pool;
  readonly queue: RunQueue;
  readonly logger: Logger;
  readonly maxActivePerUser: number;
}

/** Turns of one process; those of others are given by the same statement, so none is given twice. */
export function createRunTurns({ pool, queue, logger, maxActivePerUser }: RunTurnsDependencies): RunTurns {
  let collected: string[] = [];
  let working: Promise<void> | undefined;

  /** One statement is under way at a time; what ends meanwhile goes into the next one. */
  async function work(): Promise<void> {
    while (collected.length > 0) {
      const runIds = collected;
      collected = [];
      try {
        const admitted = await admitRunsAfter(pool, runIds, maxActivePerUser);
        if (admitted.length > 0) await queue.addRuns(admitted);
      } catch (error) {
        logger.warn({ err: error }, 'could not let waiting runs begin; the sweeper will');
      }
    }
    working = undefined;
  }

  function collect(runIds: readonly string[]): void {
    if (runIds.length === 0) return;
    collected.push(...runIds);
    working ??= forEverybody(work);
  }

  return {
    maxActivePerUser,
    ended: (runs) =>
      collect(runs.filter((run) => run.partOf === null && isRunFinished(run.status)).map((run) => run.runId)),
    waits: (runId) => collect([runId]),
    idle: async () => working,
  };
}
