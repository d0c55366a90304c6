import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';
import { addSchedule, listTriggers, type TriggerAct } from './commands/triggers.ts';

let server: TestServer;
let user: TestUser;
let workflow: string;
let lines: string[];
const print = (text: string) => void lines.push(text);
const access = () => ({ server: server.url, apiKey: user.key, print, workflow });

beforeAll(async () => {
  lines = [];
  server = await startTestServer();
  user = await server.addUser();
  const graph = {
    nodes: [nodeOf('t', 'text', { text: 'own', input: { name: 'topic' } }), nodeOf('w', 'delay', { ms: 0 })],
    edges: [edgeOf('t', 'w')],
  };
  workflow = String((await user.call('POST', '/api/workflows', { body: { name: 'Tea', data: graph } })).body.id);
});
afterAll(() => server.stop());

const list = async (act: { readonly kind: TriggerAct; readonly id: string } | null = null) => {
  await listTriggers({ ...access(), act });
  return lines.splice(0);
};

test('a schedule is made with its inputs, listed, turned off and on, and deleted', async () => {
  expect(await list()).toEqual(['Nothing starts it by itself.']);
  await addSchedule({ ...access(), schedule: '0 9 * * MON', timeZone: 'Europe/Berlin', inputs: ['topic=news'] });
  const [line, next] = lines.splice(0);
  expect(line).toMatch(/^[0-9a-f]{8}  on   schedule  0 9 \* \* MON  Europe\/Berlin$/);
  expect(next).toMatch(/^ +next: \d{4}-/);
  const [trigger] = (await user.call('GET', `/api/workflows/${workflow}/triggers`)).body.items;
  expect(trigger.inputs).toEqual({ topic: 'news' });
  const id = line!.slice(0, 8);
  expect(await list({ kind: 'off', id })).toEqual([line!.replace('on ', 'off')]);
  expect(await list({ kind: 'on', id })).toEqual([line, next]);
  expect(await list({ kind: 'log', id })).toEqual(['It has not fired yet.']);
  expect(await list({ kind: 'delete', id: trigger.id })).toEqual(['Nothing starts it by itself.']);
});

test('what came of each time is printed with its reason', async () => {
  const made = await user.call('POST', `/api/workflows/${workflow}/triggers`, {
    body: { kind: 'webhook', mapping: { topic: 'body' } },
  });
  const { id, url } = made.body;
  expect(await list()).toEqual([`${id.slice(-8)}  on   webhook   ${url}`]);
  await server.call('POST', new URL(url).pathname, { raw: '{', headers: { 'content-type': 'application/json' } });
  expect(await list({ kind: 'log', id: id.slice(-8) })).toEqual([
    expect.stringMatching(/^\d{4}-\S+  refused    -  The body is not valid JSON/),
  ]);
});

test('what is wrong is said in words', async () => {
  const wrong = (schedule: string, inputs: readonly string[]) =>
    addSchedule({ ...access(), schedule, timeZone: 'UTC', inputs });
  await expect(wrong('soon', [])).rejects.toThrow(/such as "0 9 \* \* MON"/);
  await expect(wrong('0 9 * * *', ['topc=x'])).rejects.toThrow('Give some of: topic');
  await expect(list({ kind: 'off', id: 'none' })).rejects.toThrow('"heddle triggers" lists them');
});
