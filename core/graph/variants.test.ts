import { expect, test } from '@jest/globals';
import { edgeOf, nodeOf } from '../../testing/graphs.ts';
import { applyVariants, type GraphOfVariants } from './variants.ts';

const graph = {
  nodes: [
    nodeOf('far', 'text', { text: 'x' }),
    nodeOf('near', 'delay', { ms: 0 }),
    nodeOf('n', 'llm', { label: 'Writer', model: 'm', seed: 1, input: { name: 'words' } }),
    nodeOf('n~1', 'text', { text: 'in the way' }),
    nodeOf('after', 'output', { name: 'copy' }),
    nodeOf('other', 'text', { text: 'y' }),
  ],
  edges: [
    edgeOf('far', 'near'),
    edgeOf('near', 'n', { targetHandle: 'user_message' }),
    edgeOf('n~1', 'n', { targetHandle: 'system_prompt' }),
    edgeOf('n', 'after', { targetHandle: 'value' }),
  ],
};

test('each variant has what comes in at the node, its own settings and a name; what comes after is left out', () => {
  const { graph: made, nodeIds } = applyVariants(graph, {
    nodeId: 'n',
    changes: [{ model: 'other' }, { seed: null, temperature: 1 }],
  }) as GraphOfVariants;
  expect(nodeIds).toEqual(['n~1~', 'n~2']);
  expect(made.nodes.map(({ id }) => id)).toEqual(['far', 'near', 'n~1', 'n~1~', 'n~2']);
  expect(made.nodes.slice(3).map(({ data }) => data)).toEqual([
    { label: 'Writer 1', model: 'other', seed: 1 },
    { label: 'Writer 2', model: 'm', temperature: 1 },
  ]);
  const incoming = (id: string) =>
    made.edges.filter(({ target }) => target === id).map(({ source, targetHandle }) => `${source} ${targetHandle}`);
  expect(incoming('n~1~')).toEqual(['near user_message', 'n~1 system_prompt']);
  expect(incoming('n~2')).toEqual(incoming('n~1~'));
  expect(new Set(made.edges.map(({ id }) => id)).size).toBe(made.edges.length);
  expect(graph.nodes[2]?.data['label']).toBe('Writer');
});

test('a node that is not there is named', () => {
  expect(applyVariants(graph, { nodeId: 'none', changes: [{}] })).toMatchObject({ code: 'NODE_NOT_FOUND' });
});
