import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Failure } from '../db/nodes/fail.ts';
import type { Requeue } from '../db/nodes/requeue.ts';
import { recordingLogger } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { createTestDatabase, type TestDatabase, openTestPool } from '../testing/postgres.ts';
import { createAttemptRegistry } from './attempts.ts';
import { createForgottenAttempts } from './forgotten-attempts.ts';

let database: TestDatabase;
let pool: pg.Pool;
const workerId = randomUUID();

beforeAll(async () => {
  database = await createTestDatabase();
  pool = openTestPool(database.url);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** A second attempt that Postgres counts as this worker's for a minute. */
async function storeSecondAttempt(): Promise<{ id: string; runId: string }> {
  await pool.query(`insert into users (id, email) values ('u', 'u@example.org') on conflict do nothing`);
  const { rows } = await pool.query<{ id: string; runId: string }>(
    `with w as (insert into workflows (name, data, user_id) values ('w', '{"nodes":[],"edges":[]}', 'u') returning id),
     r as (
       insert into workflow_runs (workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at, admitted_at)
       select w.id, gen_random_uuid(), 'u', 'RUNNING', 1, now() + interval '1 hour', now() from w returning id
     )
     insert into node_executions (run_id, node_id, node_type, pool, status, attempt, pending_dependencies, dependencies,
                                  dependents, fingerprint, timeout_ms, worker_id, started_at)
     select r.id, 'n', 'delay', 'io', 'RUNNING', 2, 0, '{}', '{}', repeat('0', 64), 600000, $1, now() - interval '1 minute'
       from r returning id, run_id as "runId"`,
    [workerId],
  );
  return rows[0]!;
}

function createLook(attempts: ReturnType<typeof createAttemptRegistry>) {
  const handedBack: Requeue[] = [];
  let looked = 0;
  const failed: Failure[] = [];
  const end = (runId: string) =>
    pool.query(`update workflow_runs set status = 'CANCELLED', finished_at = now() where id = $1`, [runId]);
  const recorder = {
    fail: async (failure: Failure) => {
      failed.push(failure);
      await end(failure.runId);
      return true;
    },
    requeue: async (requeue: Requeue) => {
      handedBack.push(requeue);
      await end(requeue.runId);
    },
  };
  const forgotten = createForgottenAttempts({
    pool,
    workerId: () => workerId,
    attempts: {
      ...attempts,
      list: () => {
        looked += 1;
        return attempts.list();
      },
    },
    recorder,
    logger: recordingLogger(),
    everyMs: 50,
  });
  return { forgotten, handedBack, failed, looks: () => looked };
}

test('an attempt that nobody works on is handed back without a suspicion, also beside an older one of the same node', async () => {
  const { id, runId } = await storeSecondAttempt();
  const attempts = createAttemptRegistry();
  attempts.add({ id, runId, nodeId: 'n', attempt: 1, startedAt: Date.now() });
  const { forgotten, handedBack } = createLook(attempts);
  forgotten.start();
  await eventually(() => handedBack.length > 0);
  await forgotten.stop();
  expect(handedBack).toMatchObject([{ id, runId, attempt: 2, crashed: false, unrecorded: true }]);
});

test('an attempt whose end could not be recorded twice before is ended the third time, and is not paid for again', async () => {
  const { id, runId } = await storeSecondAttempt();
  await pool.query(`update node_executions set unrecorded_count = 2 where id = $1`, [id]);
  const { forgotten, handedBack, failed } = createLook(createAttemptRegistry());
  forgotten.start();
  await eventually(() => failed.length > 0);
  await forgotten.stop();
  expect(failed).toMatchObject([
    { id, runId, attempt: 2, code: 'INTERNAL', message: expect.stringContaining('3 times') },
  ]);
  expect(handedBack).toEqual([]);
});

test('an attempt that is under way is left alone', async () => {
  const { id, runId } = await storeSecondAttempt();
  const attempts = createAttemptRegistry();
  attempts.add({ id, runId, nodeId: 'n', attempt: 2, startedAt: Date.now() });
  const { forgotten, handedBack, looks } = createLook(attempts);
  forgotten.start();
  // Each look waits for the one before, so two of them are over.
  await eventually(() => looks() >= 3);
  await forgotten.stop();
  expect(handedBack).toEqual([]);
});

test('an attempt that was lost is stopped, and a later one of the same node goes on', () => {
  const attempts = createAttemptRegistry();
  const of = (attempt: number) => ({ id: 'i', runId: 'r', nodeId: 'n', attempt, startedAt: 0 });
  const [first, second] = [attempts.add(of(1)), attempts.add(of(2))];
  attempts.stopAttempts([{ id: 'i', attempt: 1 }]);
  expect([first?.signal.aborted, second?.signal.aborted]).toEqual([true, false]);
});
