import { Client, StreamableHTTPClientTransport, type CallToolResult } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;
const clients: Client[] = [];

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
  player = await createRunPlayer(server.database.pool);
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});
afterAll(() => server.stop());

type Era = '2025' | '2026';

async function connect(key = user.key, era: Era = '2026'): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    era === '2026' ? { versionNegotiation: { mode: 'auto' } } : {},
  );
  clients.push(client);
  await client.connect(
    new StreamableHTTPClientTransport(new URL('/mcp', server.url), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    }),
  );
  return client;
}

const graph = {
  nodes: [
    nodeOf('t', 'text', { text: '', input: { name: 'topic', required: true, help: 'What it is about.' } }),
    nodeOf('n', 'number', { value: 3, input: { name: 'count' } }),
    nodeOf('o', 'output', { name: 'copy' }),
  ],
  edges: [edgeOf('t', 'o', { targetHandle: 'value' })],
};

async function publish(name: string, data: object = graph): Promise<string> {
  const { body } = await user.call('POST', '/api/workflows', { body: { name, data } });
  return (await user.call('POST', `/api/workflows/${body.id}/publish`)).body.slug;
}

/** The run that was started last, once there is one more than `before`. */
const countRuns = async () => (await server.database.pool.query(`select from workflow_runs`)).rowCount ?? 0;
async function nextRun(before: number): Promise<string> {
  await eventually(async () => (await countRuns()) > before);
  const { rows } = await server.database.pool.query<{ id: string }>(
    `select id from workflow_runs order by created_at desc limit 1`,
  );
  return rows[0]!.id;
}

/** The tool is called, and its run played to the end meanwhile. */
async function callAndFinish(client: Client, name: string, args: Record<string, unknown>) {
  const before = await countRuns();
  const answer = client.callTool({ name, arguments: args });
  const runId = await nextRun(before);
  await player.finish(runId);
  return { runId, answer: (await answer) as CallToolResult };
}

const wordsOf = ({ content }: CallToolResult) => content.map((part) => ('text' in part ? part.text : '')).join('\n');

describe.each<Era>(['2026', '2025'])('a client of %s', (era) => {
  test('lists what is published, with its schema, and calls it', async () => {
    const slug = await publish(`Poem ${era}`);
    await user.call('POST', '/api/workflows', { body: { name: `Draft ${era}`, data: graph } });
    const client = await connect(user.key, era);
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toContain(slug);
    expect(names).not.toContain(`draft-${era}`);
    expect(tools.find(({ name }) => name === slug)).toMatchObject({
      title: `Poem ${era}`,
      inputSchema: {
        type: 'object',
        required: ['topic'],
        properties: { topic: { type: 'string', description: 'What it is about.' }, count: { default: 3 } },
      },
    });
    const { runId, answer } = await callAndFinish(client, slug, { topic: 'tea' });
    expect(answer.isError ?? false).toBe(false);
    expect(answer.structuredContent).toMatchObject({ runId, status: 'COMPLETED', error: null });
    const run = (await user.call('GET', `/api/runs/${runId}`)).body;
    expect(run).toMatchObject({ triggerType: 'API', workflowVersion: 1, inputs: { topic: 'tea', count: 3 } });
    expect(answer.structuredContent).toMatchObject({ outputs: run.outputs });
  });

  test('reads the result after its own time is over', async () => {
    const slug = await publish(`Slow ${era}`);
    const client = await connect(user.key, era);
    const before = await countRuns();
    const refused = client.callTool({ name: slug, arguments: { topic: 'tea' } }, { timeout: 200 }).catch(() => 'over');
    const runId = await nextRun(before);
    expect(await refused).toBe('over');
    expect((await user.call('GET', `/api/runs/${runId}`)).body.status).toBe('PENDING');
    const again = await connect(user.key, era);
    const early = (await again.callTool({ name: 'wait_for_run', arguments: { runId, seconds: 0 } })) as CallToolResult;
    expect(wordsOf(early)).toContain(`The run ${runId} goes on.`);
    await player.finish(runId);
    const { contents } = await again.readResource({ uri: `heddle://runs/${runId}` });
    expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ runId, status: 'COMPLETED' });
    const late = (await again.callTool({ name: 'wait_for_run', arguments: { runId } })) as CallToolResult;
    expect(late.structuredContent).toMatchObject({ runId, status: 'COMPLETED' });
  });
});

test('what is wrong with the inputs is said by their names, and nothing is started', async () => {
  const slug = await publish('Picky');
  const client = await connect();
  const before = await countRuns();
  const missing = (await client.callTool({ name: slug, arguments: {} })) as CallToolResult;
  const wrong = (await client.callTool({ name: slug, arguments: { topic: 7, colour: 'red' } })) as CallToolResult;
  expect([missing.isError, wrong.isError]).toEqual([true, true]);
  expect(wordsOf(missing)).toContain('topic');
  expect(wordsOf(wrong)).toContain('colour');
  expect(await countRuns()).toBe(before);
});

test('a run that fails is an error, with its words', async () => {
  const slug = await publish('Doomed', { ...graph, nodes: graph.nodes.filter(({ id }) => id !== 'n') });
  const client = await connect();
  const before = await countRuns();
  const answer = client.callTool({ name: slug, arguments: { topic: 'tea' } });
  await player.fail(await nextRun(before), 'The kettle is empty.');
  const result = (await answer) as CallToolResult;
  expect(result.isError).toBe(true);
  expect(wordsOf(result)).toContain('FAILED');
});

test('a client that asks for it hears how far the run is', async () => {
  const slug = await publish('Told');
  const client = await connect();
  const before = await countRuns();
  const heard: number[] = [];
  const answer = client.callTool(
    { name: slug, arguments: { topic: 'tea' } },
    { onprogress: ({ progress }) => void heard.push(progress) },
  );
  const runId = await nextRun(before);
  await eventually(async () => heard.length > 1);
  expect(heard).toEqual(heard.toSorted((left, right) => left - right));
  await player.finish(runId);
  expect(((await answer) as CallToolResult).structuredContent).toMatchObject({ status: 'COMPLETED' });
});

describe('the door', () => {
  test('is the one of the API: no key, a key that may only read, and a viewer are refused', async () => {
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const options = { body, headers: { accept: 'application/json, text/event-stream' } };
    expect((await server.call('POST', '/mcp', options)).status).toBe(401);
    const reader = await server.addKey(user, { scopes: ['read'] });
    expect((await reader.call('POST', '/mcp', options)).status).toBe(403);
    expect((await (await server.addUser('viewer')).call('POST', '/mcp', options)).status).toBe(403);
    expect((await user.call('GET', '/mcp')).status).toBe(405);
  });

  test('lets one message through at a time: a request is counted once', async () => {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const headers = { accept: 'application/json, text/event-stream' };
    const refused = await user.call('POST', '/mcp', { body: [message, { ...message, id: 2 }], headers });
    expect([refused.status, refused.body.code]).toEqual([400, 'REQUEST_INVALID']);
    expect((await user.call('POST', '/mcp', { body: message, headers })).status).toBe(200);
  });

  test('nobody calls, lists or reads what is somebody else’s', async () => {
    const slug = await publish('Mine alone');
    const { runId } = await callAndFinish(await connect(), slug, { topic: 'tea' });
    const client = await connect((await server.addUser()).key);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['wait_for_run']);
    const before = await countRuns();
    await expect(client.callTool({ name: slug, arguments: { topic: 'tea' } })).rejects.toThrow();
    await expect(client.readResource({ uri: `heddle://runs/${runId}` })).rejects.toThrow();
    const waited = (await client.callTool({ name: 'wait_for_run', arguments: { runId } })) as CallToolResult;
    expect(waited.isError).toBe(true);
    expect(wordsOf(waited)).toContain('There is no run');
    expect(await countRuns()).toBe(before);
  });
});
