import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { workflowPageSchema, workflowSchema } from '../core/api/workflows.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

const create = (name: string, data: object = smallGraph()) =>
  user.call('POST', '/api/workflows', { body: { name, data } });

describe('a workflow', () => {
  test('is created, read, changed and deleted', async () => {
    const created = await create('  First  ');
    expect(created.status).toBe(201);
    const workflow = workflowSchema.parse(created.body);
    expect(workflow).toMatchObject({ name: 'First', version: 1, data: smallGraph() });
    const path = created.headers.get('location') ?? '';
    expect(path).toBe(`/api/workflows/${workflow.id}`);
    expect((await user.call('GET', path)).body).toEqual(workflow);
    const changed = await user.call('PUT', path, { body: { name: 'Second', version: 1 } });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Second', version: 2, data: smallGraph() } });
    expect(Date.parse(changed.body.updatedAt)).toBeGreaterThanOrEqual(Date.parse(workflow.updatedAt));
    expect((await user.call('DELETE', path)).status).toBe(204);
    expect((await user.call('GET', path)).body.code).toBe('WORKFLOW_NOT_FOUND');
    expect((await user.call('DELETE', path)).status).toBe(404);
  });

  test('keeps what the canvas put into its graph', async () => {
    const graph = smallGraph();
    const data = {
      ...graph,
      viewport: { x: 1, y: 2, zoom: 0.5 },
      nodes: graph.nodes.map((node) => ({ ...node, width: 100, data: { ...node.data, status: 'idle' } })),
    };
    expect((await create('canvas', data)).body.data).toEqual(data);
  });

  test('that somebody changed meanwhile is not overwritten: of ten changes of one version, one wins', async () => {
    const { id } = (await create('race')).body;
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        user.call('PUT', `/api/workflows/${id}`, { body: { name: `n${i}`, version: 1 } }),
      ),
    );
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'WORKFLOW_VERSION_CONFLICT', details: { version: 2 } },
      });
    }
    expect((await user.call('GET', `/api/workflows/${id}`)).body.version).toBe(2);
  });

  test('is not changed by a version that is ahead, and is by a change without one', async () => {
    const { id } = (await create('v')).body;
    expect((await user.call('PUT', `/api/workflows/${id}`, { body: { name: 'x', version: 9 } })).status).toBe(409);
    expect((await user.call('PUT', `/api/workflows/${id}`, { body: { name: 'x' } })).body.version).toBe(2);
  });

  test.each([
    [
      'a cycle',
      {
        nodes: ['a', 'b'].map((id) => ({ id, type: 'delay', data: { ms: 0 } })),
        edges: [
          { id: '1', source: 'a', target: 'b' },
          { id: '2', source: 'b', target: 'a' },
        ],
      },
      'GRAPH_CYCLE',
    ],
    ['an unknown type', { nodes: [{ id: 'a', type: 'nope', data: {} }], edges: [] }, 'NODE_TYPE_UNKNOWN'],
    ['bad data', { nodes: [{ id: 'a', type: 'delay', data: { ms: -1 } }], edges: [] }, 'NODE_DATA_INVALID'],
    ['a dangling edge', { nodes: [], edges: [{ id: 'e', source: 'x', target: 'y' }] }, 'EDGE_DANGLING'],
  ])('with %s is refused, naming the place', async (_what, data, code) => {
    const answer = await create('bad', data);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 422, code });
    expect(answer.body.errors[0]).toMatchObject({ code });
    const { id } = (await create('good')).body;
    const change = await user.call('PUT', `/api/workflows/${id}`, { body: { data } });
    expect({ status: change.status, code: change.body.code }).toEqual({ status: 422, code });
    expect((await user.call('GET', `/api/workflows/${id}`)).body.data).toEqual(smallGraph());
  });

  test('C3: with values that cannot run is kept where it is called a draft; they are told, and no run takes them', async () => {
    const crop = (width: number) => ({ id: 'c', type: 'cropImage', data: { width_percent: width } });
    const words = { id: 'w', type: 'text', data: { text: 'kept' } };
    const { id } = (await create('draft', { nodes: [words], edges: [] })).body;
    const path = `/api/workflows/${id}`;
    const finding = { code: 'NODE_DATA_INVALID', path: 'data.nodes[1].data.width_percent', nodeIds: ['c'] };
    const saved = await user.call('PUT', path, { body: { data: { nodes: [words, crop(0)], edges: [] }, draft: true } });
    expect(saved).toMatchObject({ status: 200, body: { version: 2, findings: [finding] } });
    const read = workflowSchema.parse((await user.call('GET', path)).body);
    expect(read).toMatchObject({ data: { nodes: [{ data: { text: 'kept' } }, {}] }, findings: [finding] });
    const run = await user.call('POST', `${path}/run`);
    expect(run).toMatchObject({ status: 422, body: { code: 'NODE_DATA_INVALID' } });
    // Put right, nothing is left to tell.
    const right = await user.call('PUT', path, {
      body: { data: { nodes: [words, crop(50)], edges: [] }, draft: true },
    });
    expect(right.body.findings).toBeUndefined();
    expect((await user.call('GET', path)).body.findings).toBeUndefined();
    const again = await user.call('POST', '/api/workflows', { body: { name: 'copy', data: read.data, draft: true } });
    expect(again).toMatchObject({ status: 201, body: { findings: [finding] } });
  });

  test.each([
    ['a cycle', [], ['a b', 'b a'], 'GRAPH_CYCLE'],
    ['a key in clear', [{ id: 'k', type: 'text', data: { text: `AIza${'x'.repeat(35)}` } }], [], 'SECRET_IN_GRAPH'],
    [
      'a password in an address',
      [{ id: 'p', type: 'image', data: { image: 'ftp://ann:secret@example.org/a.png' } }],
      [],
      'URL_INVALID',
    ],
  ])('C3: with %s is no draft either', async (_what, more, joined, code) => {
    const { id } = (await create('good')).body;
    const nodes = [...['a', 'b'].map((name) => ({ id: name, type: 'delay', data: { ms: 0 } })), ...more];
    const edges = joined.map((pair) => ({ id: pair, source: pair[0], target: pair[2] }));
    const answer = await user.call('PUT', `/api/workflows/${id}`, { body: { data: { nodes, edges }, draft: true } });
    expect(answer).toMatchObject({ status: 422, body: { code } });
    expect((await user.call('GET', `/api/workflows/${id}`)).body).toMatchObject({ version: 1, data: smallGraph() });
  });

  test('C4: runs only in the version that is meant, where one is named', async () => {
    const { id } = (await create('meant')).body;
    const path = `/api/workflows/${id}`;
    await user.call('PUT', path, { body: { data: smallGraph() } });
    for (const what of ['run', 'plan']) {
      const stale = await user.call('POST', `${path}/${what}`, { body: { version: 1 } });
      expect(stale).toMatchObject({
        status: 409,
        body: { code: 'WORKFLOW_VERSION_CONFLICT', details: { version: 2 } },
      });
    }
    expect((await user.call('GET', `${path}/runs`)).body.items).toEqual([]);
    expect((await user.call('POST', `${path}/run`, { body: { version: 2 } })).status).toBe(202);
  });

  test('gives each finding with its path in the body', async () => {
    const data = { nodes: [{ id: 'a', type: 'delay', data: { ms: -1 } }], edges: [] };
    const [finding] = (await create('bad', data)).body.errors;
    expect(finding).toMatchObject({ path: 'data.nodes[0].data.ms', nodeIds: ['a'] });
  });

  test('larger than one megabyte is refused with advice', async () => {
    const nodes = Array.from({ length: 6 }, (_, i) => ({
      id: `n${i}`,
      type: 'text',
      data: { text: 'x'.repeat(200_000) },
    }));
    const answer = await create('big', { nodes, edges: [] });
    expect(answer).toMatchObject({ status: 422, body: { code: 'GRAPH_TOO_LARGE', details: { maxBytes: 1_048_576 } } });
  });

  test.each([{ name: '' }, { name: 'x'.repeat(256) }, { name: '   ' }])(
    'with the name of %j is refused',
    async (body) => {
      const answer = await user.call('POST', '/api/workflows', { body: { data: smallGraph(), ...body } });
      expect({ status: answer.status, path: answer.body.errors[0].path }).toEqual({ status: 400, path: 'name' });
    },
  );
});

describe('the list of workflows', () => {
  test('is sorted, searched and paged without gaps, and shows the newest run', async () => {
    const mine = await server.addUser();
    const names = ['Beta 100%', 'alpha_1', 'Gamma', 'alpha 2', 'Delta'];
    const ids: number[] = [];
    for (const name of names) {
      ids.push((await mine.call('POST', '/api/workflows', { body: { name, data: smallGraph() } })).body.id);
    }
    const namesOf = async (query: string) => {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page: ReturnType<typeof workflowPageSchema.parse> = workflowPageSchema.parse(
          (await mine.call('GET', `/api/workflows?limit=2${query}${cursor === null ? '' : `&cursor=${cursor}`}`)).body,
        );
        found.push(...page.items.map((item) => item.name));
        cursor = page.nextCursor;
      } while (cursor !== null);
      return found;
    };
    expect(await namesOf('')).toEqual(names.toReversed());
    expect((await namesOf('&sort=name')).toSorted()).toEqual(names.toSorted());
    expect(await namesOf('&search=ALPHA')).toEqual(['alpha 2', 'alpha_1']);
    expect(await namesOf('&search=_')).toEqual(['alpha_1']);
    expect(await namesOf('&search=%25')).toEqual(['Beta 100%']);
    // What nodes hold is searched as well: their names and values, never keys, ids or types.
    const [first, ...others] = smallGraph().nodes;
    const held = {
      ...smallGraph(),
      nodes: [{ ...first!, data: { ...first!.data, label: 'A node about Otters' } }, ...others],
    };
    const inside = (await mine.call('POST', '/api/workflows', { body: { name: 'Animals', data: held } })).body.id;
    expect(await namesOf('&search=about%20otters')).toEqual(['Animals']);
    expect(await namesOf('&search=position')).toEqual([]);
    await mine.call('DELETE', `/api/workflows/${inside}`);
    await mine.call('PUT', `/api/workflows/${ids[0]}`, { body: { name: 'Omega' } });
    expect((await namesOf(''))[0]).toBe('Omega');

    const run = (await mine.call('POST', `/api/workflows/${ids[2]}/run`)).body;
    const [item] = (await mine.call('GET', '/api/workflows?search=Gamma')).body.items;
    expect(item.lastRun).toEqual({
      id: run.id,
      status: 'PENDING',
      createdAt: run.createdAt,
      finishedAt: null,
      isWaiting: false,
    });
  });
});

describe('stars of results', () => {
  test('belong to the workflow of an account; those marked last stand last, and no revision moves', async () => {
    const user = await server.addUser();
    const { id, version } = (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } }))
      .body;
    const path = `/api/workflows/${id}/stars`;
    const keysOf = async (body: object) => (await user.call('POST', path, { body })).body.keys;
    expect(await keysOf({ add: ['a', 'b', 'a'] })).toEqual(['a', 'b']);
    expect(await keysOf({ add: ['c', 'a'], remove: ['b', 'none'] })).toEqual(['c', 'a']);
    expect((await user.call('GET', path)).body).toEqual({ keys: ['c', 'a'] });
    expect((await user.call('GET', `/api/workflows/${id}`)).body.version).toBe(version);
  });

  test('are a thousand at most: the oldest go', async () => {
    const user = await server.addUser();
    const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body;
    const path = `/api/workflows/${id}/stars`;
    const keys = (from: number, count: number) => Array.from({ length: count }, (_, index) => `file ${from + index}`);
    await user.call('POST', path, { body: { add: keys(0, 1_000) } });
    const { body } = await user.call('POST', path, { body: { add: keys(1_000, 2) } });
    expect([body.keys.length, body.keys[0], body.keys.at(-1)]).toEqual([1_000, 'file 2', 'file 1001']);
    expect((await user.call('POST', path, { body: { add: keys(0, 1_001) } })).body.code).toBe('REQUEST_INVALID');
  });
});
