import { expect, test } from '@jest/globals';
import { indexEdges, type CanvasEdge } from './canvas-graph.ts';
import { lostEndsOf } from './lost-ends.ts';

const handle = (id: string) => ({ id, title: id, dataType: 'any' as const });
const edges: CanvasEdge[] = [
  { id: '1', source: 'a', sourceHandle: 'output', target: 'n', targetHandle: 'there' },
  { id: '2', source: 'a', sourceHandle: 'output', target: 'n', targetHandle: 'gone' },
  { id: '3', source: 'n', sourceHandle: 'left', target: 'z', targetHandle: 'input' },
  { id: '4', source: 'n', sourceHandle: 'away', target: 'z', targetHandle: 'input' },
  { id: '5', source: 'n', sourceHandle: 'away', target: 'y', targetHandle: 'input' },
];

test('the ends of edges at handles that are not there are told, each once', () => {
  const has = { inputs: [handle('there')], outputs: [handle('left')] };
  expect(lostEndsOf('n', has, indexEdges(edges))).toEqual({ inputs: ['gone'], outputs: ['away'] });
});

test('an end that names no handle means the only one', () => {
  const unnamed: CanvasEdge[] = [{ id: '1', source: 'n', sourceHandle: null, target: 'n', targetHandle: null }];
  const has = { inputs: [handle('in')], outputs: [handle('out')] };
  expect(lostEndsOf('n', has, indexEdges(unnamed))).toEqual({ inputs: [], outputs: [] });
});
