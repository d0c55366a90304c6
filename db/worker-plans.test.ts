import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { openDatabase, type DatabaseHandle } from './client.ts';
import { advanceNodeExecutions } from './nodes/advance.ts';
import { checkInvariants } from './invariants/check.ts';
import { beginRuns } from './runs/begin.ts';
import { listDependencyOutputs } from './nodes/list-dependency-outputs.ts';
import { resumeNodeExecutions } from './nodes/resume.ts';
import { advanceRegions } from './regions/advance.ts';
import { listFinishedParts, listPartialParts } from './regions/earlier.ts';
import { listPartResults } from './regions/list-results.ts';
import { openRegion } from './regions/open.ts';
import { listPartsAgain, retryParts } from './regions/retry-parts.ts';
import { requeueNodeExecutions } from './nodes/requeue.ts';
import type { Queryable, TimedQuery } from './statement.ts';

/*
 * Workers plan a statement once, and the plan lives on while the tables grow. So
 * whatever the tables were like then, no plan may read one of them whole.
 */

let database: TestDatabase;
let handle: DatabaseHandle;

beforeAll(async () => {
  database = await createTestDatabase();
  handle = openDatabase(database.url, { poolSize: 1, applicationName: 'plans', plansOnce: true, onError: () => {} });
});
afterAll(async () => {
  await handle.stop();
  await database.drop();
});

/** What a call sends, without sending it. */
async function sentBy(call: (on: Queryable) => Promise<unknown>): Promise<TimedQuery> {
  let sent: TimedQuery | undefined;
  await call({
    query: async <Row extends pg.QueryResultRow>(config: TimedQuery) => {
      sent ??= config;
      return { rows: [] as Row[] } as pg.QueryResult<Row>;
    },
  });
  return sent!;
}

const id = randomUUID();
const driver = { id, runId: id, width: 1 };
const statements: Record<string, (on: Queryable) => Promise<unknown>> = {
  advance: (on) => advanceNodeExecutions(on, id, { completions: [], claims: [{ id, runId: id, attempt: 1 }] }),
  begin: (on) => beginRuns(on, [id]),
  requeue: (on) => requeueNodeExecutions(on, []),
  'read outputs': (on) => listDependencyOutputs(on, [id]),
  resume: (on) => resumeNodeExecutions(on, [{ id, runId: id, attempt: 1, end: null }]),
  'open a region': (on) =>
    openRegion(
      on,
      { ...driver, attempt: 1, inputs: {}, sharedKey: '', total: 2, nodes: 1, mostFailed: 0, next: 0 },
      [],
    ),
  'advance regions': (on) => advanceRegions(on, [{ executionId: id, runId: id, ended: [id], from: 0, parts: [] }], []),
  'retry parts': (on) => retryParts(on, { executionId: id, runId: id, at: null }),
  'read parts that come again': (on) => listPartsAgain(on, id, 1),
  'read results of parts': (on) =>
    listPartResults(on, { runId: id, executionId: id, nodeId: 'n', after: -1, limit: 10 }),
  'read parts that completed before': (on) => listFinishedParts(on, { runId: id, driver: 'n', sharedKey: '' }),
  'read parts that failed before': (on) => listPartialParts(on, { runId: id, driver: 'n', sharedKey: '' }),
};

/** Indexes of what is under way, and what they say of a row: they stay small, so they may be read whole. */
const underWay = /\bworkflow_runs_(?:active|unsettled)\b|Recheck Cond: .*(?:finished_at IS NULL|NOT part_settled)/;
/** What a look-up names: an index on something else as well would be read for all runs. */
const lookedUpBy = /(?:Index|Recheck) Cond: .*\b(?:id|run_id|parent_run_id|user_id)\b/;

function isWholeRead(line: string, condition: string, tables: string): boolean {
  if (!new RegExp(`(?:Scan using \\w+|Scan) on (?:${tables})\\b`).test(line)) return false;
  return !lookedUpBy.test(condition) && !underWay.test(line) && !underWay.test(condition);
}

/** Lines of the plan that read rows of a table without looking any up. */
async function wholeReads({ text, values }: TimedQuery, tables = 'node_executions|workflow_runs'): Promise<string[]> {
  const client = await handle.pool.connect();
  try {
    await client.query(`prepare looked_at as ${text}`);
    const nulls = (values ?? []).map(() => 'null').join(', ');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (costs off) execute looked_at(${nulls})`);
    await client.query('deallocate looked_at');
    const lines = rows.map((row) => row['QUERY PLAN']);
    return lines.filter((line, index) => isWholeRead(line, lines[index + 1] ?? '', tables));
  } finally {
    client.release();
  }
}

async function storeRuns(runs: number, nodesOfEach: number, status: string): Promise<void> {
  const { pool } = handle;
  await pool.query(`insert into users (id, email) values ('u', 'u@example.org') on conflict do nothing`);
  await pool.query(
    `with w as (insert into workflows (name, data, user_id) values ('w', '{"nodes":[],"edges":[]}', 'u') returning id),
     r as (
       insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at, admitted_at)
       select gen_random_uuid(), w.id, gen_random_uuid(), 'u', 'RUNNING', 1, now(), now() from w, generate_series(1, $1)
       returning id
     )
     insert into node_executions (run_id, node_id, node_type, pool, status, pending_dependencies, dependencies, dependents,
                                  fingerprint, timeout_ms, worker_id, output_data)
     select r.id, 'n' || n, 'delay', 'io', $3::text, 0, '{}', '{}', repeat('0', 64), 1000,
            case when $3::text = 'RUNNING' then gen_random_uuid() end, case when $3::text = 'COMPLETED' then '{}'::jsonb end
       from r, generate_series(1, $2) n`,
    [runs, nodesOfEach, status],
  );
}

/** In this order, each on top of the one before. */
const histories: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['nothing in the tables', async () => {}],
  ['a few running nodes', async () => storeRuns(5, 10, 'RUNNING')],
  ['the same, as the statistics know them', async () => handle.pool.query('analyze')],
  ['thousands of running nodes', async () => storeRuns(500, 10, 'RUNNING')],
  ['the same, as the statistics know them then', async () => handle.pool.query('analyze')],
  ['a long history', async () => storeRuns(5_000, 5, 'COMPLETED')],
  ['the same, vacuumed', async () => handle.pool.query('vacuum analyze')],
];

test('a server looks up what a foreign key refers to, although the table was tiny when it first did', async () => {
  const tiny = await createTestDatabase();
  const server = openDatabase(tiny.url, { poolSize: 1, applicationName: 'plans', onError: () => {} });
  try {
    await server.pool.query(`insert into users (id, email) values ('u', 'u@example.org')`);
    await addRun(server.pool);
    await server.pool.query('analyze');
    await addRun(server.pool);
    await server.pool.query('begin');
    await addRun(server.pool);
    const { rows } = await server.pool.query<{ table: string; reads: string }>(
      `select relname as table, seq_scan as reads from pg_stat_xact_user_tables
        where relname in ('users', 'workflows', 'workflow_runs') and seq_scan > 0`,
    );
    await server.pool.query('rollback');
    expect(rows).toEqual([]);
  } finally {
    await server.stop();
    await tiny.drop();
  }
});

/** In statements of their own: a row that a statement adds itself is not looked up. */
async function addRun(pool: pg.Pool): Promise<void> {
  const workflow = await pool.query<{ id: number }>(
    `insert into workflows (name, data, user_id) values ('w', '{"nodes":[],"edges":[]}', 'u') returning id`,
  );
  const run = await pool.query<{ id: string }>(
    `insert into workflow_runs (workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at)
     values ($1, gen_random_uuid(), 'u', 'PENDING', 1, now()) returning id`,
    [workflow.rows[0]!.id],
  );
  await pool.query(
    `insert into node_executions (run_id, node_id, node_type, pool, status, pending_dependencies, dependencies, dependents,
                                  fingerprint, timeout_ms)
     values ($1, 'n', 'delay', 'io', 'PENDING', 0, '{}', '{}', repeat('0', 64), 1000)`,
    [run.rows[0]!.id],
  );
}

describe.each(histories)('with %s', (_name, make) => {
  beforeAll(make);

  test.each(Object.entries(statements))('%s looks up every row it reads', async (_verb, call) => {
    expect(await wholeReads(await sentBy(call))).toEqual([]);
  });

  test('the check of invariants looks up the events of each run', async () => {
    const check = await sentBy((on) => checkInvariants(on, { leaseMs: 1_000, windowMs: 1_000, limit: 1_000 }));
    expect(await wholeReads(check, 'run_events_\\w+')).toEqual([]);
  });
});
