import type { RunDetail } from '../../core/api/runs.ts';
import type { Db } from '../../db/client.ts';
import { findWait } from '../../db/waits/find.ts';
import type { RunDetails } from './run-detail.ts';

/** What others are told of a run: what it is, how it ended, and its inputs and outputs by name. Null where it was deleted. */
export async function describeRun(
  details: RunDetails,
  userId: string,
  runId: string,
): Promise<(Readonly<Record<string, unknown>> & Pick<RunDetail, 'outputs'>) | null> {
  const run = await details.find({ workspaceId: userId, actorId: userId, role: 'viewer' }, runId);
  if (run === null) return null;
  const { id, workflowId, workflowVersion, triggerType, status, error, createdAt, startedAt, finishedAt } = run;
  const { inputs, outputs } = run;
  return {
    ...{ id, workflowId, workflowVersion, triggerType, status, error, createdAt, startedAt, finishedAt },
    inputs,
    outputs,
  };
}

/** What others are told of a question: where it is asked, with its words and its buttons. Null where it is gone. */
export async function describeWait(db: Db, userId: string, waitId: string): Promise<object | null> {
  const found = await findWait(db, { workspaceId: userId }, waitId);
  if (found === null) return null;
  const { id, nodeId, nodeLabel, message, dueAt, buttons } = found.wait;
  return { id, nodeId, nodeLabel, message, dueAt, buttons };
}
