import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { askAgain } from '../../testing/ask-again.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ RUN_ACTIVE_PER_USER: '3', RUN_QUEUE_PER_USER: '7' });
});
afterAll(() => server.stop());

async function workflowOf(user: TestUser): Promise<number> {
  return (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body.id;
}

async function counts(userId: string): Promise<{ active: number; waiting: number }> {
  const { rows } = await server.database.pool.query<{ active: number; waiting: number }>(
    `select count(admitted_at)::integer as active, (count(*) - count(admitted_at))::integer as waiting
       from workflow_runs where user_id = $1 and finished_at is null`,
    [userId],
  );
  return rows[0]!;
}

describe('attack 23: one user who starts runs without end', () => {
  test('gets as many as the limits say, also with 100 requests at once on two servers', async () => {
    const another = await server.startAnother();
    try {
      const user = await server.addUser();
      const workflow = await workflowOf(user);
      const statuses = await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const answer = await askAgain(() =>
            fetch(`${i % 2 ? server.url : another.url}/api/workflows/${workflow}/run`, {
              method: 'POST',
              headers: { authorization: `Bearer ${user.key}` },
            }),
          );
          return answer.status;
        }),
      );
      expect(statuses.filter((status) => status === 202)).toHaveLength(10);
      expect(statuses.filter((status) => status === 429)).toHaveLength(90);
      expect(await counts(user.id)).toEqual({ active: 3, waiting: 7 });
    } finally {
      await another.stop();
    }
  });

  test('is told the limits and when to come back, while others go on', async () => {
    const user = await server.addUser();
    const workflow = await workflowOf(user);
    for (let i = 0; i < 10; i += 1)
      expect((await user.call('POST', `/api/workflows/${workflow}/run`)).status).toBe(202);
    const refused = await user.call('POST', `/api/workflows/${workflow}/run`);
    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'RUN_QUEUE_FULL', details: { maxActiveRuns: 3, maxWaitingRuns: 7 } },
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = await server.addUser();
    expect((await other.call('POST', `/api/workflows/${await workflowOf(other)}/run`)).status).toBe(202);
  });

  test('finds room again where a run was cancelled, and the oldest waiting run has its turn', async () => {
    const user = await server.addUser();
    const workflow = await workflowOf(user);
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) ids.push((await user.call('POST', `/api/workflows/${workflow}/run`)).body.id);
    await user.call('POST', `/api/runs/${ids[0]}/cancel`);
    const admitted = async () =>
      (
        await server.database.pool.query<{ id: string }>(
          `select id from workflow_runs where user_id = $1 and finished_at is null and admitted_at is not null`,
          [user.id],
        )
      ).rows.map(({ id }) => id);
    for (let tries = 0; (await admitted()).length < 3 && tries < 100; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await admitted()).toSorted()).toEqual([ids[1], ids[2], ids[3]].toSorted());
    // A waiting run can be cancelled too.
    expect((await user.call('POST', `/api/runs/${ids[4]}/cancel`)).body.status).toBe('CANCELLED');
  });

  test('with an Idempotency-Key gets the run that is there, also where there is no more room', async () => {
    const user = await server.addUser();
    const workflow = await workflowOf(user);
    const headers = { 'Idempotency-Key': 'once' };
    const first = await user.call('POST', `/api/workflows/${workflow}/run`, { headers });
    for (let i = 0; i < 9; i += 1) await user.call('POST', `/api/workflows/${workflow}/run`);
    const again = await user.call('POST', `/api/workflows/${workflow}/run`, { headers });
    expect(again).toMatchObject({ status: 202, body: { id: first.body.id } });
  });
});

test('attack 23: all users together get no more waiting runs than the installation takes', async () => {
  const small = await startTestServer({ RUN_ACTIVE_PER_USER: '1', RUN_QUEUE_PER_USER: '2', RUN_QUEUE_TOTAL: '3' });
  try {
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const user = await small.addUser();
      const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body;
      for (let n = 0; n < 3; n += 1) statuses.push((await user.call('POST', `/api/workflows/${id}/run`)).status);
    }
    expect(statuses).toContain(429);
    const { rows } = await small.database.pool.query('select from workflow_runs where admitted_at is null');
    expect(rows.length).toBeLessThanOrEqual(3);
  } finally {
    await small.stop();
  }
});
