import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { listAssetUsesInRuns } from './assets/list-uses.ts';
import { openDatabase, type DatabaseHandle, type Db } from './client.ts';
import { countWork } from './nodes/count.ts';
import { listForgottenAttempts } from './nodes/list-forgotten.ts';
import { listAttemptsPastTimeout, listOrphanedAttempts, listOverdueNodes } from './nodes/list-overdue.ts';
import { queryableOf } from './queryable.ts';
import { countRunsWithoutTurn } from './runs/admit.ts';
import { listRunsNotBegun, listRunsPastDeadline } from './runs/list-overdue.ts';
import { deleteLostWorkerSessions } from './workers/delete.ts';
import { listUnfinishedRunIds } from './runs/list-active.ts';
import { listWorkers } from './workers/list.ts';

/*
 * What asks for work under way is asked again and again, by the sweeper and by
 * the page of the workers, beside a history that only grows. So it reads the
 * rows of unfinished runs, however many have finished.
 */

const worker = randomUUID();
const activeRuns = 3;
const nodesOfEach = 4;
const finishedRuns = 2_000;

let database: TestDatabase;
let handle: DatabaseHandle;

beforeAll(async () => {
  database = await createTestDatabase();
  handle = openDatabase(database.url, { poolSize: 1, applicationName: 'active', onError: () => {} });
  const { pool } = handle;
  await pool.query(`insert into users (id, email) values ('u', 'u@example.org')`);
  await pool.query(
    `insert into workers (id, hostname, pid, version, pools, concurrency, started_at, expired_at)
     values ($1, 'h', 1, 'v', '{io}', 1, now(), null),
            ($2, 'h', 2, 'v', '{io}', 1, now() - interval '1 day', now() - interval '1 hour')`,
    [worker, randomUUID()],
  );
  await pool.query(
    `with w as (insert into workflows (name, data, user_id) values ('w', '{"nodes":[],"edges":[]}', 'u') returning id),
     v as (insert into workflow_versions (id, workflow_id, content_hash, data) select gen_random_uuid(), id, repeat('0', 64), '{}' from w returning id),
     r as (
       insert into workflow_runs (workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at, finished_at)
       select w.id, v.id, 'u', case when n <= $1::integer then 'RUNNING' else 'CANCELLED' end, $2::integer, now() + interval '1 hour',
              case when n > $1::integer then now() end
         from w, v, generate_series(1, $1::integer + $3::integer) n
       returning id, status
     )
     insert into node_executions (run_id, node_id, node_type, pool, status, pending_dependencies, dependencies, dependents,
                                  fingerprint, timeout_ms, worker_id, started_at)
     select r.id, 'n' || n, 'delay', 'io', r.status, 0, '{}', '{}', repeat('0', 64), 1000, $4::uuid, now() - interval '1 day'
       from r, generate_series(1, $2::integer) n`,
    [activeRuns, nodesOfEach, finishedRuns, worker],
  );
  await pool.query('vacuum analyze');
});
afterAll(async () => {
  await handle.stop();
  await database.drop();
});

const questions: Record<string, (db: Db) => Promise<unknown>> = {
  'the workers of the page': (db) => listWorkers(db, 10_000),
  'the work that waits': (db) => countWork(db),
  'runs without their turn': (db) => countRunsWithoutTurn(queryableOf(db), 100),
  'sessions to remove': (db) => deleteLostWorkerSessions(queryableOf(db), 0),
  'orphaned attempts': (db) => listOrphanedAttempts(queryableOf(db), 100, { suspectFrom: 2, leaseMs: 10_000 }),
  'attempts past their time': (db) => listAttemptsPastTimeout(queryableOf(db), 0, 100),
  'nodes whose job was lost': (db) => listOverdueNodes(queryableOf(db), 0, 100),
  'attempts that their worker forgot': (db) =>
    listForgottenAttempts(queryableOf(db), worker, { known: [], sinceMs: 0 }),
  'runs not begun': (db) => listRunsNotBegun(queryableOf(db), 0, 100),
  'runs past their deadline': (db) => listRunsPastDeadline(queryableOf(db), 100),
  'runs of a user': (db) => listUnfinishedRunIds(queryableOf(db), { workspaceId: 'u' }),
  'runs with an asset': (db) => listAssetUsesInRuns(queryableOf(db), { workspaceId: 'u' }, randomUUID()),
};

/** Rows of each table that this connection has read; what it read before counts until Postgres has collected it. */
async function rowsRead(trx: Db): Promise<Record<string, number>> {
  const { rows } = await sql<{ table: string; read: number }>`
    select relname as table, (seq_tup_read + coalesce(idx_tup_fetch, 0))::integer as read
      from pg_stat_xact_user_tables where relname in ('workflow_runs', 'node_executions')`.execute(trx);
  return Object.fromEntries(rows.map((row) => [row.table, row.read]));
}

describe('beside a long history', () => {
  test.each(Object.entries(questions))('%s are found in unfinished runs alone', async (_what, ask) => {
    const read = await handle.db.transaction().execute(async (trx) => {
      const before = await rowsRead(trx);
      await ask(trx);
      const after = await rowsRead(trx);
      return {
        workflow_runs: after.workflow_runs! - before.workflow_runs!,
        node_executions: after.node_executions! - before.node_executions!,
      };
    });
    // A plan may look at a row more than once; one that reads the history reads all of it.
    expect(read.workflow_runs).toBeLessThan(finishedRuns / 10);
    expect(read.node_executions).toBeLessThan(finishedRuns / 10);
  });
});

test('the workers are told with what runs on them', async () => {
  const [found] = await listWorkers(handle.db, 10_000);
  expect(found).toMatchObject({ id: worker, running: activeRuns * nodesOfEach });
});
