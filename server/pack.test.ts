import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Graph } from '../core/graph/graph.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;
beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

const graph: Graph = {
  nodes: [
    nodeOf('who', 'text', { label: 'Who', text: 'Ada' }),
    nodeOf('say', 'template', { label: 'Say', template: 'Hello {{name}}' }),
    nodeOf('end', 'output', { name: 'end' }),
  ],
  edges: [edgeOf('who', 'say', { targetHandle: 'name' }), edgeOf('say', 'end', { targetHandle: 'value' })],
};

interface Packed {
  readonly workflowId: number;
  readonly version: number;
  readonly data: Graph;
}

test('a selection becomes a published workflow, the draft stays as it is, and unpacking gives the graph back', async () => {
  const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'n', data: graph } })).body;
  const packed = await user.call('POST', `/api/workflows/${id}/pack`, {
    body: { data: graph, nodeIds: ['say'], name: 'Saying hello' },
  });
  expect(packed.status).toBe(201);
  const { workflowId, version, data } = packed.body as Packed;
  expect(version).toBe(1);
  expect(data.nodes.map(({ id: node, type }) => [node, type])).toEqual([
    ['who', 'text'],
    ['call', 'callWorkflow'],
    ['end', 'output'],
  ]);
  const contract = await user.call('GET', `/api/workflows/${workflowId}/contract`);
  expect(contract.body).toMatchObject({
    name: 'Saying hello',
    live: 1,
    inputs: [{ name: 'who', dataType: 'text' }],
    outputs: [{ name: 'say', dataType: 'text' }],
  });
  expect((await user.call('GET', `/api/workflows/${id}`)).body).toMatchObject({ version: 1 });
  const unpacked = await user.call('POST', `/api/workflows/${id}/unpack`, { body: { data, nodeId: 'call' } });
  expect(unpacked.status).toBe(200);
  const back = (unpacked.body as { data: Graph }).data;
  expect(back.nodes).toEqual(graph.nodes);
  expect(back.edges.map(({ id: edge }) => edge).toSorted()).toEqual(graph.edges.map(({ id: edge }) => edge).toSorted());
});

test('what cannot be packed says why, and leaves no workflow behind', async () => {
  const { id } = (await user.call('POST', '/api/workflows', { body: { name: 'n', data: graph } })).body;
  const count = async () => ((await user.call('GET', '/api/workflows')).body as { items: unknown[] }).items.length;
  const before = await count();
  const pack = (data: Graph, nodeIds: readonly string[]) =>
    user.call('POST', `/api/workflows/${id}/pack`, { body: { data, nodeIds, name: 'Part' } });
  expect(await pack(graph, ['say', 'end'])).toMatchObject({
    status: 422,
    body: { code: 'SELECTION_INVALID', errors: [{ nodeIds: ['end'] }] },
  });
  // Its settings are not complete, so that it could not be published.
  const draft: Graph = {
    nodes: [graph.nodes[0]!, nodeOf('if', 'if', { operator: 'greater', operand: 'many' })],
    edges: [edgeOf('who', 'if', { targetHandle: 'value' })],
  };
  expect(await pack(draft, ['if'])).toMatchObject({ status: 422, body: { code: 'NODE_DATA_INVALID' } });
  expect(await count()).toBe(before);
  expect(
    await user.call('POST', `/api/workflows/${id}/unpack`, { body: { data: graph, nodeId: 'say' } }),
  ).toMatchObject({ status: 422, body: { code: 'SELECTION_INVALID' } });
});
