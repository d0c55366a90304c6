import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../testing/postgres.ts';
import { openDatabase, type DatabaseHandle } from '../client.ts';
import { checkInvariants } from '../invariants/check.ts';
import type { Queryable, TimedQuery } from '../statement.ts';
import { listPartsAgain, retryParts } from './retry-parts.ts';

/** A region whose elements have all failed twice, and were gone through again once. */
interface FailedRegion {
  readonly executionId: string;
  readonly runId: string;
}

interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows that a plan has looked at, as often as it did. */
function rowsOf(node: PlanNode): number {
  const own =
    node['Actual Rows'] +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0);
  return own * node['Actual Loops'] + (node.Plans ?? []).reduce((sum, plan) => sum + rowsOf(plan), 0);
}

/** Does what a call does, and counts the rows that its statement looks at. */
async function workOf(client: pg.PoolClient, call: (on: Queryable) => Promise<unknown>): Promise<number> {
  let work = 0;
  await call({
    query: async <Row extends pg.QueryResultRow>({ text, values }: TimedQuery) => {
      const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
        `explain (analyze, timing off, format json) ${text}`,
        values as unknown[],
      );
      work += rowsOf(rows[0]!['QUERY PLAN'][0]!.Plan);
      return { rows: [] as Row[] };
    },
  });
  return work;
}

describe('failed elements of a list', () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;
  beforeAll(async () => {
    database = await createTestDatabase();
    handle = openDatabase(database.url, { poolSize: 1, applicationName: 'retries', onError: () => {} });
    await handle.pool.query(`insert into users (id, email) values ('u', 'u@example.org')`);
  });
  afterAll(async () => {
    await handle.stop();
    await database.drop();
  });

  async function failedRegion(client: pg.PoolClient, elements: number): Promise<FailedRegion> {
    const region = { executionId: randomUUID(), runId: randomUUID() };
    await client.query(
      `with w as (insert into workflows (name, data, user_id) values ('w', '{"nodes":[],"edges":[]}', 'u') returning id)
       insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at, admitted_at, started_at)
       select $1, w.id, gen_random_uuid(), 'u', 'RUNNING', 1, 'infinity', now(), now() from w`,
      [region.runId],
    );
    await client.query(
      `insert into node_executions (id, run_id, node_id, node_type, pool, status, pending_dependencies, dependencies, dependents,
                                    fingerprint, timeout_ms, region)
       values ($1, $2, 'do', 'do', 'io', 'WAITING', 0, '{}', '{}', repeat('0', 64), 1000, '{"nodes": ["do"], "each": {}}')`,
      [region.executionId, region.runId],
    );
    await client.query(
      `insert into run_regions (node_execution_id, run_id, shared_key, total, nodes, width, most_failed, next_index, failed, retried)
       values ($1, $2, '', $3::integer, 1, 8, null, $3::integer, $3::integer, $3::integer)`,
      [region.executionId, region.runId, elements],
    );
    await client.query(
      `insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, status, unfinished_nodes, failed_nodes, deadline_at, admitted_at,
                                  started_at, finished_at, parent_run_id, parent_execution_id, part_index, part_key, part_settled)
       select gen_random_uuid(), r.workflow_id, r.workflow_version_id, 'u', 'FAILED', 0, 1, 'infinity', now(), now(), now(),
              r.id, $2, case when tried = 1 then -1 - place else place end, place::text, true
         from workflow_runs r, generate_series(0, $3::integer - 1) place, generate_series(1, 2) tried where r.id = $1`,
      [region.runId, region.executionId, elements],
    );
    return region;
  }

  /** What each statement looks at, for a list of so many elements. */
  async function workFor(elements: number): Promise<Record<'retry' | 'read' | 'check', number>> {
    const client = await handle.pool.connect();
    try {
      await client.query('begin');
      const region = await failedRegion(client, elements);
      await client.query('analyze workflow_runs');
      const retry = await workOf(client, (on) => retryParts(on, { ...region, at: null }));
      const read = await workOf(client, (on) => listPartsAgain(on, region.executionId, 500));
      const scope = { leaseMs: 60_000, windowMs: null, limit: 10 };
      const check = await workOf(client, (on) => checkInvariants(on, scope));
      expect((await checkInvariants(client, scope)).parts_unlike_their_regions).toBe(0);
      const places = await client.query<{ places: number; lowest: number }>(
        `select count(distinct part_index)::integer as places, min(part_index) as lowest from workflow_runs where parent_run_id = $1`,
        [region.runId],
      );
      expect(places.rows).toEqual([{ places: 2 * elements, lowest: -2 * elements }]);
      return { retry, read, check };
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  test('are looked at once each where they are gone through again for the second time, and where that is checked', async () => {
    const few = await workFor(100);
    const many = await workFor(1_000);
    for (const statement of ['retry', 'read', 'check'] as const) {
      expect({ statement, times: many[statement] / few[statement] < 20 }).toEqual({ statement, times: true });
    }
  });
});
