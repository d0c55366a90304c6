import { beforeAll, describe, expect, test } from '@jest/globals';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { loadCanvasDefinitions } from '../../nodes/canvas-definitions.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import type { CanvasEdge, CanvasNode } from './canvas-graph.ts';
import { fromGraph, toGraph } from './canvas-graph.ts';
import { catalogueFrom } from './catalogue.ts';
import { connectionProblem } from './connection-rules.ts';
import { listPart } from './list-part.ts';
import { edgeLists, listsErrors, listsOf, loopsIn } from './list-view.ts';

beforeAll(() => loadCanvasDefinitions());

const catalogue = catalogueFrom(nodeDefinitions.map(describeNodeType));
const nodeOf = (id: string, type: string, data: Record<string, unknown> = {}): CanvasNode => ({
  id,
  type,
  position: { x: 0, y: 0 },
  data,
});
const edge = (source: string, target: string, targetHandle: string, each?: boolean): CanvasEdge => ({
  id: `${source}-${target}`,
  source,
  target,
  sourceHandle: 'output',
  targetHandle,
  ...(each !== undefined && { data: { each } }),
});

const drawn = (edges: CanvasEdge[] = []) => ({
  nodes: [
    nodeOf('photos', 'list', { type: 'image' }),
    nodeOf('words', 'list', { type: 'text' }),
    nodeOf('crop', 'cropImage'),
    nodeOf('turn', 'rotateImage'),
    nodeOf('join', 'joinText'),
    nodeOf('some', 'pick'),
    nodeOf('result', 'output'),
    nodeOf('upper', 'replaceText'),
  ],
  edges,
});

describe('an edge', () => {
  const look = (...edges: CanvasEdge[]) => edges.map((one) => edgeLists(drawn(edges), catalogue, one));

  test('that carries a list into a single value hands its elements over one by one', () => {
    expect(
      look(edge('photos', 'crop', 'image_url'), edge('crop', 'turn', 'image'), edge('turn', 'result', 'value')),
    ).toEqual([
      { type: 'list<image>', isSpread: true, choice: null },
      // Each repetition hands one on.
      { type: 'image', isSpread: false, choice: null },
      { type: 'list<image>', isSpread: false, choice: 'together' },
    ]);
  });

  test('can be told to, where the input would take all', () => {
    expect(look(edge('words', 'join', 'texts'))).toEqual([{ type: 'list<text>', isSpread: false, choice: 'together' }]);
    expect(look(edge('words', 'join', 'texts', true))).toEqual([
      { type: 'list<text>', isSpread: true, choice: 'each' },
    ]);
    expect(look(edge('words', 'some', 'items'))).toEqual([{ type: 'list<text>', isSpread: false, choice: null }]);
    const inner = [edge('words', 'upper', 'text'), edge('upper', 'join', 'texts', true)];
    expect(look(...inner)[1]).toEqual({ type: 'text', isSpread: false, choice: 'each' });
  });

  test('whose end is not known carries nothing', () => {
    expect(look(edge('words', 'gone', 'text'))).toEqual([null]);
  });
});

test('what is connected decides which types fit', () => {
  const edges = [edge('photos', 'some', 'items')];
  const graph = drawn(edges);
  listPart.setState({ part: { listsOf, listsErrors, edgeLists } });
  const ends = { source: 'some', sourceHandle: 'output', target: 'join', targetHandle: 'texts' };
  expect(connectionProblem(graph, catalogue, ends)).toContain('takes text, not a list of images');
  expect(connectionProblem(graph, catalogue, { ...ends, target: 'crop', targetHandle: 'image_url' })).toBeNull();
});

test('it is worked out once, however often nodes are moved', () => {
  const graph = drawn([edge('photos', 'crop', 'image_url')]);
  const first = listsOf(graph, catalogue);
  const moved = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, position: { x: 9, y: 9 } })) };
  expect(listsOf(moved, catalogue)).toBe(first);
  const changed = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, data: { ...node.data } })) };
  expect(listsOf(changed, catalogue)).not.toBe(first);
});

test('how a list goes along an edge is saved with the graph', () => {
  const graph = drawn([edge('words', 'join', 'texts', true), edge('photos', 'crop', 'image_url')]);
  const { nodes, edges } = fromGraph(toGraph(graph.nodes, graph.edges));
  expect(edges.map(({ data }) => data)).toEqual([{ each: true }, undefined]);
  expect(toGraph(nodes, edges).edges).toEqual(toGraph(graph.nodes, graph.edges).edges);
});

test('the first node of what goes through a list has its errors', () => {
  const graph = drawn([edge('photos', 'crop', 'image_url'), edge('crop', 'turn', 'image')]);
  const having = graph.nodes.filter(({ id }) => listsErrors(graph, catalogue, id)).map(({ id }) => id);
  expect(having).toEqual(['crop']);
});

test('what lies between two ends is a loop once both are connected', () => {
  const nodes = [
    nodeOf('text', 'text'),
    nodeOf('again', 'repeat'),
    nodeOf('say', 'replaceText'),
    nodeOf('end', 'until'),
  ];
  const edges = [edge('text', 'again', 'value'), edge('again', 'say', 'text')];
  expect(loopsIn({ nodes, edges }, catalogue)).toEqual([]);
  expect(loopsIn({ nodes, edges: [...edges, edge('say', 'end', 'value')] }, catalogue)).toEqual([
    { begin: 'again', end: 'end', nodes: ['again', 'say', 'end'] },
  ]);
});
