import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decide, maxCrashes, type NodeState, type RunEventInput, type RunState } from '../core/run/decide.ts';
import {
  isRunFinished,
  nodeExecutionStatuses,
  runStatuses,
  type NodeExecutionStatus,
  type RunStatus,
} from '../core/run/status.ts';
import { insertOwnedRows, type OwnedRows } from '../testing/owned-rows.ts';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { openDatabase, type DatabaseHandle } from './client.ts';

/*
 * The triggers and core/run/decide.ts must allow the same moves. Those of
 * decide are found by walking every state that a small run can get into.
 */
const moves = walkAllStates();

let database: TestDatabase;
let handle: DatabaseHandle;
let rows: OwnedRows;

beforeAll(async () => {
  database = await createTestDatabase();
  handle = openDatabase(database.url, { poolSize: 2, applicationName: 'test', onError: () => {} });
});
beforeEach(async () => {
  rows = await insertOwnedRows(handle.db);
});
afterEach(async () => {
  await handle.db.deleteFrom('users').where('id', '=', rows.userId).execute();
});
afterAll(async () => {
  await handle.stop();
  await database.drop();
});

const goesBack = (status: NodeExecutionStatus) => status === 'RUNNING' || status === 'WAITING';

describe('a node execution', () => {
  const pairs = pairsOf(nodeExecutionStatuses);

  test.each(pairs.filter((pair) => moves.node.has(pair.join('>'))))('that is %s may become %s', async (from, to) => {
    const attempt = goesBack(from) && to === 'QUEUED' ? 2 : 1;
    await expect(moveNode(from, to, attempt)).resolves.toBe(to);
  });

  test.each(pairs.filter((pair) => !moves.node.has(pair.join('>'))))(
    'that is %s may not become %s',
    async (from, to) => {
      for (const attempt of [1, 2]) {
        await expect(moveNode(from, to, attempt)).rejects.toMatchObject({
          code: '23514',
          message: expect.stringContaining(`${rows.nodeExecutionId}: ${from} (attempt 1) may not become ${to}`),
        });
      }
    },
  );

  test.each([0, 1, 3])('goes back to the queue with the next attempt only, not with %i', async (attempt) => {
    await expect(moveNode('RUNNING', 'QUEUED', attempt)).rejects.toMatchObject({ code: '23514' });
    await expect(moveNode('WAITING', 'QUEUED', attempt)).rejects.toMatchObject({ code: '23514' });
  });

  test.each(nodeExecutionStatuses)('that is %s may be written again with the same status', async (status) => {
    await expect(moveNode(status, status, 1)).resolves.toBe(status);
  });
});

describe('a run', () => {
  const pairs = pairsOf(runStatuses);

  test.each(pairs.filter((pair) => moves.run.has(pair.join('>'))))('that is %s may become %s', async (from, to) => {
    await expect(moveRun(from, to)).resolves.toBe(to);
  });

  test.each(pairs.filter((pair) => !moves.run.has(pair.join('>'))))(
    'that is %s may not become %s',
    async (from, to) => {
      await expect(moveRun(from, to)).rejects.toMatchObject({
        code: '23514',
        message: expect.stringContaining(`${rows.runId}: ${from} may not become ${to}`),
      });
    },
  );

  test.each(runStatuses)('that is %s may be written again with the same status', async (status) => {
    await expect(moveRun(status, status)).resolves.toBe(status);
  });
});

test('the walk has seen moves of every kind', () => {
  expect([...moves.run].toSorted()).toEqual([
    'PENDING>CANCELLED',
    'PENDING>FAILED',
    'PENDING>RUNNING',
    'RUNNING>CANCELLED',
    'RUNNING>COMPLETED',
    'RUNNING>FAILED',
  ]);
  expect([...moves.node].toSorted()).toEqual([
    'PENDING>CANCELLED',
    'PENDING>QUEUED',
    'PENDING>RUNNING',
    'PENDING>SKIPPED',
    'QUEUED>CANCELLED',
    'QUEUED>RUNNING',
    'RUNNING>CANCELLED',
    'RUNNING>COMPLETED',
    'RUNNING>FAILED',
    'RUNNING>QUEUED',
    'RUNNING>WAITING',
    'WAITING>CANCELLED',
    'WAITING>COMPLETED',
    'WAITING>FAILED',
    'WAITING>QUEUED',
  ]);
});

/** Puts the node execution into `from` as if it had always been there, then moves it. */
async function moveNode(from: NodeExecutionStatus, to: NodeExecutionStatus, attempt: number): Promise<string> {
  await withoutTriggers(
    `update node_executions set status = $2, attempt = 1, worker_id = gen_random_uuid(), output_data = '{}' where id = $1`,
    [rows.nodeExecutionId, from],
  );
  const moved = await handle.db
    .updateTable('node_executions')
    .set({ status: to, attempt })
    .where('id', '=', rows.nodeExecutionId)
    .returning('status')
    .executeTakeFirstOrThrow();
  return moved.status;
}

async function moveRun(from: RunStatus, to: RunStatus): Promise<string> {
  const finishedAt = (status: RunStatus) => (isRunFinished(status) ? new Date() : null);
  await withoutTriggers(
    'update workflow_runs set status = $2, finished_at = $3, unfinished_nodes = 0, failed_nodes = 0 where id = $1',
    [rows.runId, from, finishedAt(from)],
  );
  const moved = await handle.db
    .updateTable('workflow_runs')
    .set({ status: to, finished_at: finishedAt(to) })
    .where('id', '=', rows.runId)
    .returning('status')
    .executeTakeFirstOrThrow();
  return moved.status;
}

async function withoutTriggers(statement: string, values: readonly unknown[]): Promise<void> {
  const client = await handle.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role to replica');
    await client.query(statement, [...values]);
    await client.query('commit');
  } finally {
    client.release();
  }
}

function pairsOf<Status extends string>(statuses: readonly Status[]): [Status, Status][] {
  return statuses.flatMap((from) => statuses.filter((to) => to !== from).map((to): [Status, Status] => [from, to]));
}

/** Every status move that some event makes in some reachable state of the run a -> b, with c beside it. */
function walkAllStates(): { node: ReadonlySet<string>; run: ReadonlySet<string> } {
  const idle: NodeState = { status: 'PENDING', attempt: 1, crashCount: 0, pendingDependencies: 0, dependents: [] };
  const nodes = new Map([
    ['a', { ...idle, dependents: ['b'] }],
    ['b', { ...idle, pendingDependencies: 1 }],
    ['c', idle],
  ]);
  const found = { node: new Set<string>(), run: new Set<string>() };
  const seen = new Set<string>();
  const left: RunState[] = [{ status: 'PENDING', nodes }];
  for (let state = left.pop(); state !== undefined; state = left.pop()) {
    for (const event of eventsIn(state)) {
      const next = decide(state, event).state;
      const key = JSON.stringify([next.status, [...next.nodes]]);
      if (next.status !== state.status) found.run.add(`${state.status}>${next.status}`);
      for (const [id, { status }] of next.nodes) {
        const before = state.nodes.get(id)!.status;
        if (before !== status) found.node.add(`${before}>${status}`);
      }
      // Attempts could go on for ever; the crashes allowed are enough to see every rule.
      const isTooOld = [...next.nodes.values()].some(({ attempt }) => attempt > maxCrashes);
      if (!seen.has(key) && !isTooOld) left.push(next);
      seen.add(key);
    }
  }
  return found;
}

function eventsIn(state: RunState): RunEventInput[] {
  const events: RunEventInput[] = [{ type: 'begin' }, { type: 'cancel' }, { type: 'expire' }];
  for (const [nodeId, { attempt }] of state.nodes) {
    for (const type of ['claim', 'fail', 'retry', 'suspend', 'resume'] as const) {
      events.push({ type, nodeId, attempt });
    }
    for (const fails of [true, false]) events.push({ type: 'resolve', nodeId, attempt, fails });
    for (const continuations of [[], ['b']]) events.push({ type: 'complete', nodeId, attempt, continuations });
    events.push({ type: 'rescue', nodeId, attempt, countsAsCrash: true });
  }
  return events;
}
