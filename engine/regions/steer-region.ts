import type pg from 'pg';
import type { PartsProgress } from '../../core/api/runs.ts';
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

/** See `RunStarter.steer`: where this is cut off after its first statement, the sweeper goes on. */
export async function steerRegion(
  { pool, queue, notices }: RegionSteeringDependencies,
  steering: RegionSteering,
): Promise<PartsProgress | null> {
  const { executionId, runId, action } = steering;
  const { parts, runs } = await steer(pool, steering);
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
