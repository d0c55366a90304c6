import type pg from 'pg';
import { cancelRun as endAsCancelled } from '../../db/runs/end.ts';
import type { RunTurns } from './run-turns.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';

/**
 * Ends an unfinished run as CANCELLED, with all of its unfinished nodes, and
 * tells the workers to stop what they do for it. The caller has checked whose
 * run it is.
 *
 * @returns false where the run was finished already
 */
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
