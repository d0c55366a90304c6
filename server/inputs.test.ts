import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runDetailSchema } from '../core/api/runs.ts';
import { workflowInterfaceSchema } from '../core/api/workflows.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { upload } from '../testing/things.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;
let picture: string;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
  player = await createRunPlayer(server.database.pool);
  picture = await addPicture(user);
});
afterAll(() => server.stop());

async function addPicture(owner: TestUser): Promise<string> {
  const content = new Uint8Array(await readFile(await makePicture('png')));
  const answer = await owner.call('POST', '/api/assets', upload(content));
  expect(answer.status).toBe(201);
  return answer.body.id;
}

const graph = {
  nodes: [
    nodeOf('t', 'text', { label: 'Topic', text: 'own', input: { name: 'topic', required: true } }),
    nodeOf('n', 'number', { value: 3, input: { name: 'count', min: 1 } }),
    nodeOf('w', 'delay', { ms: 0 }),
    nodeOf('o', 'output', { name: 'copy' }),
  ],
  edges: [edgeOf('t', 'w'), edgeOf('w', 'o', { targetHandle: 'value' })],
};
const photoGraph = (input: object = {}) => ({
  nodes: [nodeOf('i', 'image', { input: { name: 'photo', ...input } }), nodeOf('o', 'output', { name: 'same' })],
  edges: [edgeOf('i', 'o', { targetHandle: 'value' })],
});

async function addWorkflow(data: object = graph): Promise<number> {
  const answer = await user.call('POST', '/api/workflows', { body: { name: 'w', data } });
  expect([answer.status, answer.body.errors]).toEqual([201, undefined]);
  return answer.body.id;
}
const start = async (workflow: number, body: object) => user.call('POST', `/api/workflows/${workflow}/run`, { body });

describe('the interface of a workflow', () => {
  test('is two schemas and a hash', async () => {
    const answer = await user.call('GET', `/api/workflows/${await addWorkflow()}/interface`);
    expect(answer.status).toBe(200);
    const { inputs, outputs, hash } = workflowInterfaceSchema.parse(answer.body);
    expect(inputs).toMatchObject({
      type: 'object',
      required: ['topic'],
      properties: { topic: { type: 'string', title: 'topic' }, count: { type: 'number', minimum: 1, default: 3 } },
    });
    expect(outputs).toMatchObject({ properties: { copy: { title: 'copy', dataType: 'any' } } });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('stands in the OpenAPI document, and takes an object of any names there', async () => {
    const { body } = await server.call('GET', '/api/openapi.json');
    expect(body.paths['/api/workflows/{id}/interface'].get.responses['200']).toBeDefined();
    expect(body.components.schemas.StartRun.properties.inputs).toMatchObject({ type: 'object' });
    expect(body.components.schemas.Run.properties).toMatchObject({ inputs: {}, outputs: {} });
  });
});

describe('a run that is given values by name', () => {
  test('has them in its graph, in its detail and in its retry, and not in the workflow', async () => {
    const workflow = await addWorkflow();
    const answer = await start(workflow, { inputs: { topic: 'given', count: 7 } });
    expect(answer.status).toBe(202);
    const run = runDetailSchema.parse(answer.body);
    expect(run.inputs).toEqual({ topic: 'given', count: 7 });
    expect(run.outputs).toEqual({});
    const frozen = (await user.call('GET', `/api/runs/${run.id}/graph`)).body;
    expect(frozen.nodes[0].data).toMatchObject({ text: 'given', input: { name: 'topic' } });
    expect((await user.call('GET', `/api/workflows/${workflow}`)).body.data).toEqual(graph);

    await user.call('POST', `/api/runs/${run.id}/cancel`);
    const retried = await user.call('POST', `/api/runs/${run.id}/retry`);
    expect(retried.body).toMatchObject({ inputs: { topic: 'given', count: 7 }, retryOf: run.id });
    await player.finish(retried.body.id);
    const done = await user.call('GET', `/api/runs/${retried.body.id}`);
    expect(done.body).toMatchObject({ status: 'COMPLETED', outputs: { copy: 'from o' } });
  });

  test('is of one version with another of the same values, and of another with others', async () => {
    const workflow = await addWorkflow();
    const versionOf = async (topic: string) =>
      (await start(workflow, { inputs: { topic } })).body.workflowVersionId as string;
    const first = await versionOf('a');
    expect(await versionOf('a')).toBe(first);
    expect(await versionOf('b')).not.toBe(first);
  });

  test('is started once for one Idempotency-Key, and refused for other values under it', async () => {
    const path = `/api/workflows/${await addWorkflow()}/run`;
    const headers = { 'Idempotency-Key': 'once' };
    const first = await user.call('POST', path, { headers, body: { inputs: { topic: 'a' } } });
    expect((await user.call('POST', path, { headers, body: { inputs: { topic: 'a' } } })).body.id).toBe(first.body.id);
    const other = await user.call('POST', path, { headers, body: { inputs: { topic: 'b' } } });
    expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  test('of a part takes what the nodes hold', async () => {
    const workflow = await addWorkflow();
    const answer = await start(workflow, { mode: 'to', nodeIds: ['w'] });
    expect([answer.status, answer.body.inputs]).toEqual([202, { topic: 'own', count: 3 }]);
  });

  test('is planned with them as well', async () => {
    const path = `/api/workflows/${await addWorkflow()}/plan`;
    expect((await user.call('POST', path, { body: { inputs: { topic: 'a' } } })).status).toBe(200);
    const answer = await user.call('POST', path, { body: {} });
    expect([answer.status, answer.body.code]).toEqual([422, 'RUN_INPUT_MISSING']);
  });

  test('takes a file by its id, its path or its address', async () => {
    const workflow = await addWorkflow(photoGraph());
    for (const photo of [picture, `/api/assets/${picture}/content`]) {
      const answer = await start(workflow, { inputs: { photo } });
      expect(answer.body.inputs).toEqual({ photo: `/api/assets/${picture}/content` });
    }
    const address = 'https://example.com/photo.png';
    expect((await start(workflow, { inputs: { photo: address } })).body.inputs).toEqual({ photo: address });
  });
});

test('many runs are started with one request, each with its own values', async () => {
  const workflow = await addWorkflow();
  const runs = [{ inputs: { topic: 'a' } }, { inputs: {} }, { inputs: { topic: 'b' } }];
  const answer = await user.call('POST', `/api/workflows/${workflow}/runs`, { body: { runs } });
  expect(answer.status).toBe(207);
  const [first, second, third] = answer.body.items;
  expect(second).toMatchObject({ run: null, problem: { errors: [{ path: 'inputs.topic' }] } });
  expect(first.run.workflowVersionId).not.toBe(third.run.workflowVersionId);
  expect((await user.call('GET', `/api/runs/${third.run.id}`)).body.inputs).toMatchObject({ topic: 'b' });
});

describe('a run is refused with the place of', () => {
  test.each([
    ['a missing input', {}, 'RUN_INPUT_MISSING', 'inputs.topic'],
    ['an unknown one', { inputs: { topic: 'a', other: 1 } }, 'RUN_INPUT_UNKNOWN', 'inputs.other'],
    ['one that differs by case', { inputs: { topic: 'a', Count: 1 } }, 'RUN_INPUT_UNKNOWN', 'inputs.Count'],
    ['a wrong type', { inputs: { topic: 5 } }, 'RUN_INPUT_INVALID', 'inputs.topic'],
    ['text for a number', { inputs: { topic: 'a', count: '7' } }, 'RUN_INPUT_INVALID', 'inputs.count'],
    ['a number out of range', { inputs: { topic: 'a', count: 0 } }, 'RUN_INPUT_INVALID', 'inputs.count'],
    ['nothing at all', { inputs: { topic: null } }, 'RUN_INPUT_INVALID', 'inputs.topic'],
    ['a key in clear', { inputs: { topic: `sk-${'a1B2'.repeat(12)}` } }, 'SECRET_IN_GRAPH', 'inputs.topic'],
  ])('%s', async (_what, body, code, path) => {
    const workflow = await addWorkflow();
    const answer = await start(workflow, body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toContainEqual(expect.objectContaining({ code, path }));
    expect((await user.call('GET', `/api/workflows/${workflow}/runs`)).body.items).toEqual([]);
  });

  test('every wrong value at once', async () => {
    const answer = await start(await addWorkflow(), { inputs: { count: 'x', other: 1 } });
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      'inputs.other',
      'inputs.topic',
      'inputs.count',
    ]);
  });

  test.each([
    ['no object', { inputs: ['a'] }, 400],
    ['a key that no body may use', '{"inputs":{"__proto__":{"topic":"x"}}}', 400],
    ['the same', '{"inputs":{"constructor":"x"}}', 400],
    ['a text that is too long for any body', { inputs: { topic: 'x'.repeat(300_000) } }, 400],
  ])('%s', async (_what, body, status) => {
    const path = `/api/workflows/${await addWorkflow()}/run`;
    const answer = await user.call(
      'POST',
      path,
      typeof body === 'string' ? { raw: body, headers: { 'content-type': 'application/json' } } : { body },
    );
    expect(answer.status).toBe(status);
  });

  test('values that are too large together', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const nodes = names.map((name) => nodeOf(name, 'text', { text: '', input: { name } }));
    const workflow = await addWorkflow({ nodes, edges: [] });
    const inputs = Object.fromEntries(names.map((name) => [name, 'x'.repeat(200_000)]));
    const answer = await start(workflow, { inputs });
    expect([answer.status, answer.body.code]).toEqual([422, 'GRAPH_TOO_LARGE']);
    expect(answer.body.errors).toMatchObject([{ path: 'inputs' }]);
  });

  test('a file of somebody else, one that is not there, and one of another type', async () => {
    const workflow = await addWorkflow(photoGraph());
    const foreign = await addPicture(await server.addUser());
    const answers = [];
    for (const photo of [foreign, '0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000', `/api/assets/${foreign}/content`]) {
      const { status, body } = await start(workflow, { inputs: { photo } });
      answers.push([status, body.errors[0].code, body.errors[0].path, body.errors[0].message]);
    }
    // Nobody learns from it which ids there are.
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toEqual([
      422,
      'RUN_INPUT_INVALID',
      'inputs.photo',
      expect.stringContaining('no file with this id'),
    ]);

    const text = await user.call('POST', '/api/assets', {
      raw: (() => {
        const form = new FormData();
        form.set('file', new Blob(['plain words\n']), 'words.txt');
        return form;
      })(),
    });
    const answer = await start(workflow, { inputs: { photo: text.body.id } });
    expect(answer.body.errors).toMatchObject([
      { path: 'inputs.photo', message: expect.stringContaining('text/plain') },
    ]);
  });

  test('a file in another format, or larger than is taken', async () => {
    const formats = await start(await addWorkflow(photoGraph({ formats: ['image/webp'] })), {
      inputs: { photo: picture },
    });
    expect(formats.body.errors).toMatchObject([
      { path: 'inputs.photo', message: expect.stringContaining('image/webp') },
    ]);
    const size = await start(await addWorkflow(photoGraph({ maxBytes: 10 })), { inputs: { photo: picture } });
    expect(size.body.errors).toMatchObject([{ path: 'inputs.photo', message: expect.stringContaining('at most 10') }]);
  });

  test.each(['http://127.0.0.1/x.png', 'http://169.254.169.254/x.png', 'https://user:pass@example.com/x.png'])(
    'an address that nothing may be fetched from: %s',
    async (photo) => {
      const answer = await start(await addWorkflow(photoGraph()), { inputs: { photo } });
      expect(answer.status).toBe(422);
      expect(answer.body.errors).toMatchObject([{ path: 'inputs.photo' }]);
    },
  );

  test('a mark that has findings, which is told instead of an unknown name', async () => {
    const broken = { nodes: [nodeOf('t', 'text', { text: '', input: { name: 'no name' } })], edges: [] };
    const saved = await user.call('POST', '/api/workflows', { body: { name: 'w', data: broken, draft: true } });
    expect(saved.body.findings).toMatchObject([{ path: 'data.nodes[0].data.input.name' }]);
    const answer = await start(saved.body.id, { inputs: { topic: 'x' } });
    expect(answer.body.errors).toMatchObject([{ code: 'NODE_DATA_INVALID', path: 'nodes[0].data.input.name' }]);
    const refused = await user.call('POST', '/api/workflows', { body: { name: 'w', data: broken } });
    expect(refused.status).toBe(422);
  });
});
