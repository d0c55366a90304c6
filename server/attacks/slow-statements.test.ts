import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectionPlaces } from '../../db/connection-turns.ts';
import { eventually } from '../../testing/eventually.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** Statements of this database that wait for a lock. */
async function waitingStatements(): Promise<number> {
  const { rows } = await server.database.pool.query<{ waiting: number }>(
    `select count(*)::integer as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]!.waiting;
}

test('attack 22: requests of one user whose statements do not end hold that user up and nobody else', async () => {
  const flooder = await server.addUser();
  const other = await server.addUser();
  const made = await flooder.call('POST', '/api/workflows', { body: { name: 'w', data: { nodes: [], edges: [] } } });
  const { id, version } = made.body;
  const holder = await server.database.pool.connect();
  let saved = 0;
  try {
    await holder.query('begin');
    await holder.query('select from workflows where id = $1 for update', [id]);
    const data = { nodes: [{ id: 'a', type: 'text', position: { x: 0, y: 0 }, data: { text: 'hello' } }], edges: [] };
    const saves = Array.from({ length: 40 }, async () => {
      const answer = await flooder.call('PUT', `/api/workflows/${id}`, { body: { name: 'w', data, version } });
      saved += 1;
      return answer.status;
    });
    // As many as one user may have, each in a statement that waits for the row; the others have no connection yet.
    const { maxPerOwner } = connectionPlaces(server.config.databasePoolSize);
    await eventually(async () => (await waitingStatements()) === maxPerOwner);
    for (let i = 0; i < 5; i += 1) expect((await other.call('GET', '/api/workflows')).status).toBe(200);
    expect(saved).toBe(0);
    await holder.query('commit');
    const statuses = await Promise.all(saves);
    // One is saved; the others were made on a revision that is gone, or waited for too long on a busy machine.
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => ![200, 409, 503].includes(status))).toEqual([]);
  } finally {
    holder.release();
  }
});
