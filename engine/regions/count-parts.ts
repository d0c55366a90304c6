import type pg from 'pg';
import { isRunFinished } from '../../core/run/status.ts';
import { resumeNodeExecutions } from '../../db/nodes/resume.ts';
import { advanceRegions } from '../../db/regions/advance.ts';
import type { ChangedRun, ReadyNode } from '../../db/run-sql/result.ts';

/** Parts of a region that have ended. */
export interface EndedParts {
  /** The execution of its driver. */
  readonly executionId: string;
  readonly runId: string;
  readonly ended: readonly string[];
}

/** The parts among runs that have ended, by their region. */
export function endedPartsOf(runs: readonly ChangedRun[]): EndedParts[] {
  const regions = new Map<string, EndedParts & { ended: string[] }>();
  for (const { runId, status, partOf } of runs) {
    if (partOf === null || !isRunFinished(status)) continue;
    const { executionId } = partOf;
    const region = regions.get(executionId) ?? { executionId, runId: partOf.runId, ended: [] };
    region.ended.push(runId);
    regions.set(executionId, region);
  }
  return [...regions.values()];
}

/**
 * Counts ended parts where no worker does, and sends the driver of a region in which parts may be made back to the queue: a
 * worker makes them. The caller gives `ready` to the queue.
 */
export async function countParts(
  pool: pg.Pool,
  regions: readonly EndedParts[],
): Promise<{ readonly runs: readonly ChangedRun[]; readonly ready: readonly ReadyNode[] }> {
  if (regions.length === 0) return { runs: [], ready: [] };
  const advanced = await advanceRegions(
    pool,
    regions.map((region) => ({ ...region, from: 0, parts: [] })),
    [],
  );
  const runIds = new Map(regions.map(({ executionId, runId }) => [executionId, runId]));
  const lacking = advanced.regions.flatMap(
    ({
      executionId: id,
      isClosed,
      isStopped,
      isPaused,
      unfinished,
      width,
      nextIndex,
      again,
      total,
      waitingAttempt: attempt,
    }) =>
      attempt !== null && !isClosed && !isStopped && !isPaused && unfinished < width && (nextIndex < total || again > 0)
        ? [{ id, runId: runIds.get(id)!, attempt, end: null }]
        : [],
  );
  const resumed = lacking.length === 0 ? { runs: [], ready: [] } : await resumeNodeExecutions(pool, lacking);
  return { runs: [...advanced.runs, ...resumed.runs], ready: [...advanced.ready, ...resumed.ready] };
}
