import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { eventually } from '../../testing/eventually.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';
import { createMeter } from '../../engine/duties/measure/meter.ts';

const mib = 1_048_576;
const quota = { maxBytes: mib, maxWorkflows: 3 };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ DATA_MAX_MB: '1', DATA_MAX_WORKFLOWS: String(quota.maxWorkflows) });
});
afterAll(() => server.stop());

/** Text that does not get smaller in the database. */
const graphOf = (kilobytes: number) => ({
  nodes: Array.from({ length: Math.ceil(kilobytes / 200) }, (_, i) => ({
    id: `t${i}`,
    type: 'text',
    position: { x: 0, y: 0 },
    data: { text: randomBytes(Math.min(200, kilobytes - i * 200) * 750).toString('base64') },
  })),
  edges: [],
});
const full = { status: 507, code: 'DATA_QUOTA_FULL' };

async function create(user: TestUser, data: unknown) {
  const { status, body } = await user.call('POST', '/api/workflows', { body: { name: 'w', data } });
  return status === 201 ? { status, id: body.id as number } : { status, code: body.code as string };
}

describe('security case 6: the quota of workflows', () => {
  test('is kept by requests that cross, and there is a way back under it', async () => {
    const user = await server.addUser();
    const answers = await Promise.all(Array.from({ length: 12 }, () => create(user, smallGraph())));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(quota.maxWorkflows);
    expect(answers.filter(({ status }) => status !== 201)).toEqual(Array.from({ length: 9 }, () => full));
    expect((await user.call('GET', '/api/usage')).body.data).toMatchObject({ workflows: 3, ...quota });
    const { id } = answers.find(({ status }) => status === 201) as { id: number };
    expect((await user.call('DELETE', `/api/workflows/${id}`)).status).toBe(204);
    expect((await create(user, smallGraph())).status).toBe(201);
    // It is a matter of one user.
    expect((await create(await server.addUser(), smallGraph())).status).toBe(201);
  });

  test('of bytes lets nothing grow beyond it, and lets names and smaller graphs through', async () => {
    const user = await server.addUser();
    const first = (await create(user, graphOf(600))) as { id: number };
    expect(await create(user, graphOf(600))).toEqual(full);
    expect((await user.call('GET', '/api/workflows')).body.items).toHaveLength(1);
    const put = async (body: object) => (await user.call('PUT', `/api/workflows/${first.id}`, { body })).status;
    const second = (await create(user, graphOf(300))) as { id: number };
    expect(second.id).toBeGreaterThan(0);
    const grown = await user.call('PUT', `/api/workflows/${second.id}`, { body: { data: graphOf(600) } });
    expect({ status: grown.status, code: grown.body.code }).toEqual(full);
    expect(await put({ name: 'renamed' })).toBe(200);
    expect(await put({ data: graphOf(100) })).toBe(200);
  });
});

test('security case 6: versions that equal saves and starts freeze, one after another, stay within the quota', async () => {
  const user = await server.addUser();
  const { id } = (await create(user, graphOf(150))) as { id: number };
  const started: number[] = [];
  for (let at = 0; at < 12; at += 1) {
    const saved = await user.call('PUT', `/api/workflows/${id}`, { body: { data: graphOf(150) } });
    const { status, body } = await user.call('POST', `/api/workflows/${id}/run`, { body: {} });
    if (status === 202) started.push(saved.status);
    else expect({ status, code: body.code }).toEqual(full);
  }
  // One may go beyond what was left, none after it.
  expect(started.length).toBeGreaterThan(2);
  expect(started.length).toBeLessThan(8);
  expect((await user.call('GET', '/api/usage')).body.data.bytes).toBeLessThan(mib + 170 * 1024);
});

test('security case 6: what finished runs keep counts, stops new ones, and is free when they are deleted', async () => {
  const user = await server.addUser();
  const { pool } = server.database;
  const { id } = (await create(user, smallGraph())) as { id: number };
  const start = () => user.call('POST', `/api/workflows/${id}/run`, { body: {} });
  const run = (await start()).body.id as string;
  // Before its end: the server's own meter may be the one that measures it.
  await pool.query('update node_executions set input_data = $2 where run_id = $1', [
    run,
    JSON.stringify({ text: randomBytes(mib).toString('base64') }),
  ]);
  expect((await user.call('POST', `/api/runs/${run}/cancel`)).status).toBe(202);
  const meter = createMeter({ pool, quota, logger: pino({ level: 'silent' }), now: Date.now });
  const bytes = await eventually(async () => {
    await meter.round();
    const { data } = (await user.call('GET', '/api/usage')).body;
    return (data.bytes as number) > mib && (data.bytes as number);
  });
  // Measured once, however often it is looked at.
  await meter.round();
  expect((await user.call('GET', '/api/usage')).body.data.bytes).toBe(bytes);
  const another = await server.startAnother();
  try {
    // A server that has not asked yet; the first one may have good news for some seconds more.
    const refused = await fetch(`${another.url}/api/workflows/${id}/run`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect({ status: refused.status, code: ((await refused.json()) as { code: string }).code }).toEqual(full);
  } finally {
    await another.stop();
  }
  expect((await user.call('DELETE', `/api/runs/${run}`)).status).toBe(204);
  expect((await user.call('GET', '/api/usage')).body.data.bytes).toBeLessThan(100_000);
  expect((await start()).status).toBe(202);
});

test('security case 6: a nearly full disk is noticed before it is full: nothing new is taken, and what is there can be read and deleted', async () => {
  const low = await startTestServer({ DISK_MIN_FREE_MB: '99999999' });
  try {
    const user = await low.addUser();
    const { rows } = await low.database.pool.query<{ id: number }>(
      `insert into workflows (name, data, user_id) values ('w', $1, $2) returning id`,
      [JSON.stringify(smallGraph()), user.id],
    );
    const { id } = rows[0]!;
    const refusal = { status: 507, code: 'DISK_LOW' };
    for (const [method, path, body] of [
      ['POST', `/api/workflows/${id}/run`, {}],
      ['POST', '/api/workflows', { name: 'n', data: smallGraph() }],
      ['PUT', `/api/workflows/${id}`, { data: smallGraph() }],
    ] as const) {
      const answer = await user.call(method, path, { body });
      expect({ status: answer.status, code: answer.body.code }).toEqual(refusal);
    }
    expect((await user.call('GET', `/api/workflows/${id}`)).status).toBe(200);
    expect((await user.call('DELETE', `/api/workflows/${id}`)).status).toBe(204);
  } finally {
    await low.stop();
  }
});

test('security case 6: what is delivered to webhooks counts, and is refused where there is no room, until some is made', async () => {
  const user = await server.addUser();
  const { id } = (await create(user, smallGraph())) as { id: number };
  const hook = (await user.call('POST', `/api/workflows/${id}/triggers`, { body: { kind: 'webhook' } })).body;
  const deliver = async () => {
    const raw = new Blob([randomBytes(700 * 1024)], { type: 'application/octet-stream' });
    const { status, body } = await server.call('POST', new URL(hook.url).pathname, { raw });
    return status === 202 ? { status } : { status, code: body.code };
  };
  const answers = [];
  for (let at = 0; at < 4; at += 1) answers.push(await deliver());
  // One may go beyond what was left, none after it.
  expect(answers[0]).toEqual({ status: 202 });
  expect(answers.slice(2)).toEqual([full, full]);
  const { rows } = await server.database.pool.query(
    `select count(*)::integer as kept from trigger_deliveries d join triggers t on t.id = d.trigger_id where t.user_id = $1`,
    [user.id],
  );
  expect(rows[0].kept).toBe(answers.filter(({ status }) => status === 202).length);
  expect((await user.call('DELETE', `/api/triggers/${hook.id}`)).status).toBe(204);
  expect((await user.call('PUT', `/api/workflows/${id}`, { body: { name: 'renamed' } })).status).toBe(200);
  expect((await user.call('GET', '/api/usage')).body.data.bytes).toBeLessThan(mib);
});

test('security case 6: what triggers, links, mapped deliveries and messages to callbacks keep counts as well', async () => {
  const user = await server.addUser();
  const { pool } = server.database;
  const bytes = async () => (await user.call('GET', '/api/usage')).body.data.bytes as number;
  const text = () => randomBytes(75 * 1024).toString('base64');
  const { id } = (await create(user, smallGraph())) as { id: number };
  const hook = (await user.call('POST', `/api/workflows/${id}/triggers`, { body: { kind: 'webhook' } })).body;
  await user.call('POST', `/api/workflows/${id}/publish`);
  const link = (await user.call('POST', `/api/workflows/${id}/links`)).body;
  const callback = (
    await user.call('POST', `/api/workflows/${id}/callbacks`, {
      body: { url: 'https://203.0.114.7/hook', events: ['finished'] },
    })
  ).body;
  const run = (await user.call('POST', `/api/workflows/${id}/run`)).body;
  const grown = async (change: string, values: readonly unknown[]) => {
    const before = await bytes();
    await pool.query(change, [...values]);
    return (await bytes()) - before;
  };
  const large = JSON.stringify({ text: text() });
  expect(await grown('update triggers set inputs = $2 where id = $1', [hook.id, large])).toBeGreaterThan(90_000);
  expect(await grown('update app_links set fixed = $2 where id = $1', [link.id, large])).toBeGreaterThan(90_000);
  expect(
    await grown(
      `insert into trigger_fires (id, trigger_id, fire_key, due_at, status, inputs)
       values (gen_random_uuid(), $1, 'k', now(), 'refused', $2)`,
      [hook.id, large],
    ),
  ).toBeGreaterThan(90_000);
  expect(
    await grown(
      `insert into callback_messages (id, callback_id, run_id, event, status, body, try_at)
       values (gen_random_uuid(), $1, $2, 'run.finished', 'delivered', $3, null)`,
      [callback.id, run.id, text()],
    ),
  ).toBeGreaterThan(90_000);
  await pool.query('update triggers set inputs = $2 where id = $1', [
    hook.id,
    JSON.stringify({ text: randomBytes(mib).toString('base64') }),
  ]);
  // What makes more of it is refused like everything else; what makes room is not.
  const trigger = (body: object) => user.call('POST', `/api/workflows/${id}/triggers`, { body });
  const another = await server.startAnother();
  try {
    const refused = await fetch(`${another.url}/api/workflows/${id}/triggers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'webhook' }),
    });
    expect({ status: refused.status, code: ((await refused.json()) as { code: string }).code }).toEqual(full);
  } finally {
    await another.stop();
  }
  expect((await user.call('DELETE', `/api/triggers/${hook.id}`)).status).toBe(204);
  expect((await trigger({ kind: 'webhook' })).status).toBe(201);
});
