import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';
import { listLinks, share, type ShareOptions } from './commands/links.ts';

let server: TestServer;
let user: TestUser;
let workflow: string;
const lines: string[] = [];
const access = () => ({
  server: server.url,
  apiKey: user.key,
  print: (text: string) => void lines.push(text),
  workflow,
});

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
  const graph = {
    nodes: [
      nodeOf('t', 'text', { text: 'own', input: { name: 'topic', required: true } }),
      nodeOf('n', 'number', { value: 1, input: { name: 'count' } }),
      nodeOf('w', 'delay', { ms: 0 }),
    ],
    edges: [edgeOf('t', 'w')],
  };
  const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'Tea', data: graph } })).body;
  workflow = (await user.call('POST', `/api/workflows/${id}/publish`)).body.slug;
});
afterAll(() => server.stop());

const make = async (options: Partial<ShareOptions> = {}) => {
  const rest = { name: undefined, days: 7, runs: 20, allow: undefined, fix: [], now: () => new Date() };
  await share({ ...access(), ...rest, ...options });
  return lines.splice(0);
};
const list = async (act: Parameters<typeof listLinks>[0]['act'] = null) => {
  await listLinks({ ...access(), act });
  return lines.splice(0);
};

test('a link is made, which works without an account, listed, turned off and on, and ended', async () => {
  expect(await list()).toEqual(['It has no links.']);
  const [url] = await make({ name: 'Kim', allow: ['topic'], fix: ['count=3'] });
  const path = new URL(url!).pathname.replace('/share/', '/api/shared/');
  expect((await server.call('GET', path)).body).toMatchObject({ name: 'Tea', runsLeft: 20 });
  const [line] = await list();
  expect(line).toMatch(/^[0-9a-f]{8}  open     0 of 20 runs  until \d{4}-\S+  Kim$/);
  const id = line!.slice(0, 8);
  expect(await list({ kind: 'off', id })).toEqual([line!.replace('open', 'off ')]);
  expect((await server.call('GET', path)).status).toBe(404);
  expect(await list({ kind: 'on', id })).toEqual([line]);
  expect(await list({ kind: 'end', id })).toEqual(['It has no links.']);
  expect((await server.call('GET', path)).status).toBe(404);
});

test('what is wrong is said in words', async () => {
  await expect(make({ fix: ['topc=x'] })).rejects.toThrow('Give some of: topic, count');
  await expect(make({ allow: ['count'] })).rejects.toThrow('Let it be given, or fix a value');
  await expect(list({ kind: 'off', id: 'none' })).rejects.toThrow('"heddle links" lists them');
});
