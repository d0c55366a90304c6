import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import type { NodeInputs, NodeOutputs } from '../core/node-type/values.ts';
import type { Question } from '../core/waits/question.ts';
import { beginRuns } from '../db/runs/begin.ts';
import { advanceNodeExecutions } from '../db/nodes/advance.ts';
import type { ClaimedAttempt } from '../db/run-sql/result.ts';
import { failNodeExecutions } from '../db/nodes/fail.ts';
import { suspendNodeExecutions } from '../db/nodes/suspend.ts';
import { insertWorkerSession } from '../db/workers/insert.ts';

/** Plays the worker's part in the database alone, one step at a time, without queue and notices. */
export interface RunPlayer {
  readonly workerId: string;
  begin(runId: string): Promise<void>;
  /** Claims and completes everything that is ready once; false when nothing was. */
  step(runId: string, outputsOf?: (nodeId: string) => NodeOutputs, usage?: ModelUsage): Promise<boolean>;
  /** Begins the run and steps until nothing is left. */
  finish(runId: string): Promise<void>;
  /** Begins the run and lets its first ready node ask a person. */
  ask(runId: string, question: Question, inputs?: NodeInputs): Promise<void>;
  /** Begins the run and lets its first ready node fail. */
  fail(runId: string, message: string): Promise<void>;
}

/** Enters a worker session and plays with it. */
export async function createRunPlayer(pool: pg.Pool): Promise<RunPlayer> {
  const workerId = randomUUID();
  await insertWorkerSession(pool, {
    id: workerId,
    hostname: 'test',
    pid: process.pid,
    version: 'test',
    pools: ['io', 'cpu'],
    concurrency: 8,
  });

  async function claimReady(runId: string) {
    const { ready } = await beginRuns(pool, [runId]);
    return (await advanceNodeExecutions(pool, workerId, { completions: [], claims: ready })).claims;
  }

  async function step(
    runId: string,
    outputsOf = (nodeId: string): NodeOutputs => ({ output: `from ${nodeId}` }),
    usage: ModelUsage | null = null,
  ) {
    let claims: readonly ClaimedAttempt[] = await claimReady(runId);
    if (claims.length === 0) return false;
    // What is pure is claimed together with the completion that made it ready.
    while (claims.length > 0) {
      const completions = claims.map(({ id, attempt, nodeId }) => ({
        id,
        runId,
        attempt,
        inputs: {},
        outputs: outputsOf(nodeId),
        cached: false,
        usage,
        continuesIn: null,
      }));
      claims = (await advanceNodeExecutions(pool, workerId, { completions, claims: [] })).continuations;
    }
    return true;
  }

  return {
    workerId,
    begin: async (runId) => {
      await beginRuns(pool, [runId]);
    },
    step,
    finish: async (runId) => {
      while (await step(runId));
    },
    ask: async (runId, question, inputs = {}) => {
      const [claim] = await claimReady(runId);
      if (claim === undefined) throw new Error(`run ${runId} has nothing to claim`);
      const wait = { kind: 'person', dueInMs: null, payload: question, dueOutputs: null } as const;
      await suspendNodeExecutions(pool, [{ id: claim.id, runId, attempt: claim.attempt, inputs, wait }]);
    },
    fail: async (runId, message) => {
      const [claim] = await claimReady(runId);
      if (claim === undefined) throw new Error(`run ${runId} has nothing to claim`);
      const { id, attempt } = claim;
      await failNodeExecutions(pool, [{ id, runId, attempt, code: 'INTERNAL', message, inputs: null, crashed: false }]);
    },
  };
}
