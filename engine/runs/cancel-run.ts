import type pg from 'pg';
import { noticesOf } from '../announce.ts';
import { cancelRun as endAsCancelled } from '../../db/runs/end.ts';
import type { RunTurns } from './run-turns.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';

/** See `RunStarter.cancel`: the run ends with all of its unfinished nodes and parts. */
export async function cancelRun(
  { pool, notices, turns }: { readonly pool: pg.Pool; readonly notices: NoticeChannel; readonly turns: RunTurns },
  runId: string,
): Promise<boolean> {
  const runs = await endAsCancelled(pool, runId);
  if (runs.length === 0) return false;
  turns.ended(runs);
  await notices.publish([...runs.map((run) => ({ kind: 'stop' as const, runId: run.runId })), ...noticesOf(runs)]);
  return true;
}
