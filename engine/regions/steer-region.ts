import type pg from 'pg';
import type { ListAction } from '../../core/api/parts.ts';
import type { PartsProgress } from '../../core/api/runs.ts';
import { retryParts } from '../../db/regions/retry-parts.ts';
import { steerRegion as steer, type RegionSteering } from '../../db/regions/steer.ts';
import type { ChangedRun } from '../../db/run-sql/result.ts';
import { cancelPartsOf } from '../../db/runs/end.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import type { RunQueue } from '../../queue/run-queue.ts';
import { noticesOf } from '../announce.ts';
import { jobsOf } from '../jobs-of.ts';
import { countParts } from './count-parts.ts';

/** With what a region is steered. */
export interface RegionSteeringDependencies {
  readonly pool: pg.Pool;
  readonly queue: Pick<RunQueue, 'addNodes'>;
  readonly notices: Pick<NoticeChannel, 'publish'>;
}

/** What is to become of a region. */
export interface ListSteering extends Omit<RegionSteering, 'action'> {
  readonly action: ListAction;
  /** Of `retryFailed`: the places of the elements. Default null: all that have failed. */
  readonly at?: readonly number[] | null;
}

/** See `RunStarter.steer`: where this is cut off after its first statement, the sweeper goes on. */
export async function steerRegion(
  { pool, queue, notices }: RegionSteeringDependencies,
  { action, at = null, ...steering }: ListSteering,
): Promise<PartsProgress | null> {
  const { executionId, runId } = steering;
  const { parts, runs } =
    action === 'retryFailed'
      ? await retryParts(pool, { executionId, runId, at })
      : await steer(pool, { ...steering, action });
  if (parts === null) return null;
  await notices.publish(noticesOf(runs));
  if (action === 'pause') return parts;
  const ended = action === 'cancel' ? await cancelPartsOf(pool, { runId, executionId }) : [];
  await notices.publish([...ended.map((part) => ({ kind: 'stop' as const, runId: part.runId })), ...noticesOf(ended)]);
  const own = ended.filter(({ partOf }) => partOf?.executionId === executionId).map((part: ChangedRun) => part.runId);
  // A worker makes what there is room for, or collects: the driver goes back to the queue.
  const counted = await countParts(pool, [{ executionId, runId, ended: own }]);
  if (counted.ready.length > 0) await queue.addNodes(jobsOf(counted.ready));
  await notices.publish(noticesOf(counted.runs));
  return parts;
}
