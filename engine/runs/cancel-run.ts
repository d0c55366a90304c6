import type pg from 'pg';
import { cancelRun as endAsCancelled } from '../../db/runs/end.ts';
import type { RunTurns } from './run-turns.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';

/** See `RunStarter.cancel`: the run ends with all of its unfinished nodes. */
export async function cancelRun(
  { pool, notices, turns }: { readonly pool: pg.Pool; readonly notices: NoticeChannel; readonly turns: RunTurns },
  runId: string,
): Promise<boolean> {
  const [run] = await endAsCancelled(pool, runId);
  if (run === undefined) return false;
  turns.ended([run]);
  await notices.publish([
    { kind: 'stop', runId },
    { kind: 'events', runId, workflowId: run.workflowId, seq: run.seq },
  ]);
  return true;
}
