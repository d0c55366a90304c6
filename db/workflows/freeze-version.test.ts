import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { createTestDatabase, openTestClient, type TestDatabase } from '../../testing/postgres.ts';
import type { Queryable, TimedQuery } from '../statement.ts';
import { freezeWorkflowVersion } from './freeze-version.ts';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = await openTestClient(database.url);
  await client.query(`insert into users (id, email) values ('u', 'u@example.org')`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function addWorkflow(): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into workflows (name, data, user_id) values ('w', '{"nodes":[],"edges":[]}', 'u') returning id`,
  );
  return rows[0]!.id;
}

const versionOf = (workflowId: number, id: string) => ({
  id,
  workflowId,
  contentHash: '0'.repeat(64),
  graph: { nodes: [], edges: [] },
});

test('equal content of a workflow is one version', async () => {
  const workflowId = await addWorkflow();
  const first = await freezeWorkflowVersion(client, versionOf(workflowId, randomUUID()));
  expect(await freezeWorkflowVersion(client, versionOf(workflowId, randomUUID()))).toBe(first);
});

test('a workflow that is deleted while its version is stored leaves an id that names nothing', async () => {
  const workflowId = await addWorkflow();
  const meanwhile: Queryable = {
    query: async <Row extends pg.QueryResultRow>(config: TimedQuery) => {
      const answer = await client.query<Row>(config);
      if (config.name === 'add-workflow-version') {
        await client.query('delete from workflows where id = $1', [workflowId]);
      }
      return answer;
    },
  };
  const id = await freezeWorkflowVersion(meanwhile, versionOf(workflowId, randomUUID()));
  const { rows } = await client.query('select from workflow_versions where id = $1', [id]);
  expect(rows).toEqual([]);
});
