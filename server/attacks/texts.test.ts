import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { nodeOf } from '../../testing/graphs.ts';
import { startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';

let server: TestServer;
let user: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

const injections = [
  `'; drop table users; --`,
  `" or "1"="1`,
  `$1; select pg_sleep(5)`,
  `\\'; select 1`,
  `%_%`,
  `{"$gt":""}`,
  `'||(select version())||'`,
  `$.nodes[*] ? (@.id like_regex ".*")`,
];

const tables = async () => {
  const { rows } = await server.database.pool.query<{ count: number }>(
    `select count(*)::integer as count from information_schema.tables where table_schema = 'public'`,
  );
  return rows[0]!.count;
};

describe.each(injections)('attack 13: the text %s', (text) => {
  test('is only text in every field that takes one', async () => {
    const before = await tables();
    const graph = { nodes: [nodeOf(text, 'text', { text, label: text })], edges: [] };
    const created = await user.call('POST', '/api/workflows', { body: { name: text, data: graph } });
    expect(created).toMatchObject({
      status: 201,
      body: { name: text, data: { nodes: [{ id: text, data: { text } }] } },
    });
    const { id } = created.body;
    expect((await user.call('PUT', `/api/workflows/${id}`, { body: { name: `${text}!` } })).body.name).toBe(`${text}!`);
    const run = await user.call('POST', `/api/workflows/${id}/run`, { body: { mode: 'selected', nodeIds: [text] } });
    expect(run).toMatchObject({ status: 202, body: { nodeExecutions: [{ nodeId: text, nodeLabel: text }] } });
    const unknown = await user.call('POST', `/api/workflows/${id}/run`, {
      body: { mode: 'from', nodeIds: [`${text}x`] },
    });
    expect(unknown.body.code).toBe('NODE_NOT_FOUND');
    expect((await user.call('POST', '/api/keys', { body: { name: text } })).body.name).toBe(text);
    expect(
      (await user.call('POST', '/api/auth/sign-in', { body: { email: 'a@b.example', password: text } })).body.code,
    ).toBe('AUTH_INVALID');

    const found = await user.call('GET', `/api/workflows?search=${encodeURIComponent(text)}`);
    expect(found.body.items.map((item: { id: number }) => item.id)).toEqual([id]);
    expect(await tables()).toBe(before);
  });

  test('is refused where a word of a list, a number, an id or a cursor is wanted', async () => {
    const encoded = encodeURIComponent(text);
    const cursor = encodeURIComponent(Buffer.from(JSON.stringify(['workflows', text, text])).toString('base64url'));
    for (const [path, status] of [
      [`/api/workflows?sort=${encoded}`, 400],
      [`/api/workflows?limit=${encoded}`, 400],
      [`/api/workflows?cursor=${encoded}`, 400],
      [`/api/workflows?cursor=${cursor}`, 400],
      [`/api/runs?status=${encoded}`, 400],
      [`/api/assets?kind=${encoded}`, 400],
      [`/api/workflows/${encoded}`, 404],
      [`/api/runs/${encoded}`, 404],
      [`/api/assets/${encoded}`, 404],
      [`/api/keys/${encoded}`, 405],
    ] as const) {
      expect({ path, status: (await user.call('GET', path)).status }).toEqual({ path, status });
    }
  });
});

test('attack 13: U+0000 is refused in bodies and queries, and half a surrogate pair in bodies', async () => {
  const raw = (text: string) => ({ raw: text, headers: { 'content-type': 'application/json' } });
  for (const name of ['a\\u0000b', '\\ud800']) {
    const answer = await user.call('POST', '/api/workflows', raw(`{"name":"${name}","data":{"nodes":[],"edges":[]}}`));
    expect(answer).toMatchObject({ status: 422, body: { code: 'INVALID_TEXT' } });
  }
  expect((await user.call('GET', '/api/workflows?search=a%00b')).body.code).toBe('INVALID_TEXT');
});

test('attack 26: a placeholder in a text is not filled in by anybody: there are no templates', async () => {
  const text = '{{secret}} ${process.env.HOME} <%= 1 %> #{1+1} {{a}}'.repeat(1_000);
  const graph = { nodes: [nodeOf('t', 'text', { text })], edges: [] };
  const { body } = await user.call('POST', '/api/workflows', { body: { name: '{{name}}', data: graph } });
  expect(body).toMatchObject({ name: '{{name}}', data: { nodes: [{ data: { text } }] } });
});
