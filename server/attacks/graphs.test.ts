import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultGraphLimits } from '../../core/graph/limits.ts';
import { validateGraph } from '../../core/graph/validate.ts';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { chainOf, edgeOf, graphOf, layersOf, nodeOf } from '../../testing/graphs.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../../testing/test-server.ts';

let server: TestServer;
let user: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

const save = (data: unknown) => user.call('POST', '/api/workflows', { body: { name: 'w', data } });

describe('attack 11: a graph that cannot run is refused with its code and its nodes', () => {
  test.each([
    ['GRAPH_CYCLE', graphOf(['a', 'b', 'c'], ['a>b', 'b>c', 'c>a']), ['a', 'b', 'c']],
    ['EDGE_SELF', graphOf(['a'], ['a>a']), ['a']],
    ['NODE_ID_DUPLICATE', graphOf(['a', 'a']), ['a']],
    [
      'EDGE_ID_DUPLICATE',
      { ...graphOf(['a', 'b', 'c'], ['a>b']), edges: [edgeOf('a', 'b'), edgeOf('b', 'c', { id: 'a-b' })] },
      undefined,
    ],
    [
      'EDGE_DUPLICATE',
      { ...graphOf(['a', 'b']), edges: [edgeOf('a', 'b'), edgeOf('a', 'b', { id: 'again' })] },
      ['a', 'b'],
    ],
    ['EDGE_DANGLING', graphOf(['a'], ['a>gone']), undefined],
    ['NODE_TYPE_UNKNOWN', { nodes: [nodeOf('a', 'rm-rf')], edges: [] }, ['a']],
    ['HANDLE_UNKNOWN', { ...graphOf(['a', 'b']), edges: [edgeOf('a', 'b', { targetHandle: 'nope' })] }, ['b']],
    [
      'TYPE_MISMATCH',
      {
        nodes: [nodeOf('t', 'text', { text: 'x' }), nodeOf('c', 'cropImage')],
        edges: [edgeOf('t', 'c', { targetHandle: 'image_url' })],
      },
      undefined,
    ],
  ] as const)('%s', async (code, graph, nodeIds) => {
    const { status, body } = await save(graph);
    expect(status).toBe(422);
    const found = body.errors.find((finding: { code: string }) => finding.code === code);
    expect(found).toBeDefined();
    if (nodeIds !== undefined) expect([...found.nodeIds].toSorted()).toEqual([...nodeIds].toSorted());
  });

  // How long the largest ones take is told by `npm run bench -- growth`.
  test.each([
    ['10,000 nodes', { nodes: Array.from({ length: 10_000 }, (_, i) => nodeOf(`n${i}`)), edges: [] }],
    [
      '100,000 edges',
      { ...graphOf(['a', 'b']), edges: Array.from({ length: 100_000 }, (_, i) => edgeOf('a', 'b', { id: `e${i}` })) },
    ],
    ['a path of 1,000', chainOf(1_000)],
  ])('with %s, judged by its size before anything else in it', (_what, graph) => {
    expect(validateGraph(graph, nodeCatalogue, defaultGraphLimits).map(({ code }) => code)).toEqual([
      'GRAPH_TOO_LARGE',
    ]);
  });

  test('as large as the limits allow is taken', () => {
    expect(validateGraph(layersOf(5, 100, 4), nodeCatalogue, defaultGraphLimits)).toEqual([]);
  });

  test('an input that must be connected is missed when the workflow runs', async () => {
    const { body } = await save({ nodes: [nodeOf('c', 'cropImage')], edges: [] });
    const run = await user.call('POST', `/api/workflows/${body.id}/run`);
    expect(run).toMatchObject({ status: 422, body: { code: 'INPUT_MISSING', errors: [{ nodeIds: ['c'] }] } });
  });
});

describe('attack 12: names of every object', () => {
  test.each(['__proto__', 'constructor', 'prototype'])('%s is no key anywhere in a body', async (key) => {
    const raw = JSON.stringify({ name: 'w', data: smallGraph() }).replace('"position"', `"${key}":{"x":1},"position"`);
    const answer = await user.call('POST', '/api/workflows', { raw, headers: { 'content-type': 'application/json' } });
    expect(answer).toMatchObject({ status: 400, body: { code: 'FORBIDDEN_KEY' } });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('are ordinary ids of nodes, which run', async () => {
    const graph = {
      nodes: ['toString', 'hasOwnProperty', 'valueOf'].map((id) => nodeOf(id, 'delay', { ms: 0 })),
      edges: [edgeOf('toString', 'valueOf')],
    };
    const { status, body } = await save(graph);
    expect(status).toBe(201);
    expect((await user.call('POST', `/api/workflows/${body.id}/run`)).status).toBe(202);
  });
});

describe('attack 27: a workflow file from somewhere else', () => {
  test('goes through the same checks as any graph', async () => {
    for (const [graph, code] of [
      [{ nodes: [nodeOf('a', 'exec', { command: 'id' })], edges: [] }, 'NODE_TYPE_UNKNOWN'],
      [{ nodes: [nodeOf('a', 'text', { text: `key sk-${'a'.repeat(40)}` })], edges: [] }, 'SECRET_IN_GRAPH'],
      [{ nodes: [nodeOf('a', 'image', { image: 'http://169.254.169.254/' })], edges: [] }, 'URL_NOT_ALLOWED'],
      [{ nodes: [nodeOf('a', 'delay', { ms: 'soon' })], edges: [] }, 'NODE_DATA_INVALID'],
    ] as const) {
      const { status, body } = await save(graph);
      expect({ status, code: body.code }).toEqual({ status: 422, code });
    }
  });

  test('names nothing of somebody else: an asset of another user is not found when it runs', async () => {
    const foreign = '01a20e4e-7d16-7100-8c2a-ab8cfcaf2130';
    const { body } = await save({
      nodes: [nodeOf('a', 'image', { file: { url: `/api/assets/${foreign}/content` } })],
      edges: [],
    });
    // The same answer as for an asset that never was: the worker asks for it as the run's owner.
    expect((await user.call('GET', `/api/assets/${foreign}`)).body.code).toBe('ASSET_NOT_FOUND');
    expect((await user.call('POST', `/api/workflows/${body.id}/run`)).status).toBe(202);
  });

  test('gets an id, an owner and a version of its own, whatever it claims', async () => {
    const claims = { id: 1, userId: 'user_else', version: 99, createdAt: '2000-01-01' };
    expect(
      (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph(), ...claims } })).body.code,
    ).toBe('FIELD_UNKNOWN');
    const { body } = await save({ ...smallGraph(), ...claims, heddle: 'workflow' });
    expect(body).toMatchObject({ version: 1 });
    expect((await user.call('GET', `/api/workflows/${body.id}`)).status).toBe(200);
  });
});
