import { describe, expect, test } from '@jest/globals';
import type { CanvasNode } from './canvas-graph.ts';
import { makeRoom, touchedBetween } from './make-room.ts';

const node = (id: string, x: number, y: number, height = 100, more: Partial<CanvasNode> = {}): CanvasNode => ({
  id,
  type: 'text',
  position: { x, y },
  measured: { width: 264, height },
  data: {},
  ...more,
});
const tops = (nodes: readonly CanvasNode[]) => Object.fromEntries(nodes.map(({ id, position }) => [id, position.y]));

describe('room for a node that has grown', () => {
  test('what lies below moves down, and what lies below that, each as far as it has to', () => {
    const nodes = [node('grown', 0, 0, 180), node('below', 100, 130), node('last', 200, 260), node('far', 0, 900)];
    expect(tops(makeRoom(nodes, 'grown', 100))).toEqual({ grown: 0, below: 210, last: 340, far: 900 });
  });

  test('a wide gap is used up before anything moves', () => {
    const nodes = [node('grown', 0, 0, 120), node('below', 0, 200)];
    expect(makeRoom(nodes, 'grown', 100)).toBe(nodes);
    expect(tops(makeRoom([node('grown', 0, 0, 190), node('below', 0, 200)], 'grown', 100))).toMatchObject({
      below: 238,
    });
  });

  test('what lies beside, above, or overlapped before stays', () => {
    const nodes = [node('grown', 0, 0, 300), node('beside', 264, 120), node('above', 0, -200), node('over', 40, 50)];
    expect(makeRoom(nodes, 'grown', 100)).toBe(nodes);
  });

  test('a frame grows with what it holds, and pushes what is below it', () => {
    const frame = node('frame', 0, 0, 200, { type: 'group', height: 200 });
    const inside = node('inside', 24, 48, 240, { parentId: 'frame' });
    const placed = makeRoom([frame, inside, node('below', 0, 220)], 'inside', 128);
    expect(placed.map(({ id, height, position }) => [id, height, position.y])).toEqual([
      ['frame', 312, 0],
      ['inside', undefined, 48],
      ['below', undefined, 332],
    ]);
    expect(placed[0]?.measured).toEqual({ width: 264, height: 312 });
  });
});

test('a step touches the nodes whose content it changes, what it connects, and all that follows from there', () => {
  const edge = (source: string, target: string, each?: boolean) => ({
    ...{ id: `${source} ${target}`, source, sourceHandle: 'output', target, targetHandle: 'input' },
    ...(each !== undefined && { data: { each } }),
  });
  const nodes = ['a', 'b', 'c', 'd'].map((id, index) => node(id, index * 300, 0));
  const before = { nodes, edges: [edge('a', 'b'), edge('b', 'c')] };
  const touched = (after: Partial<typeof before>) => [...touchedBetween(before, { ...before, ...after })].toSorted();
  const moved = nodes.map((each) => ({ ...each, position: { x: 1, y: 1 }, selected: true }));
  expect(touched({ nodes: moved })).toEqual([]);
  expect(touched({ nodes: nodes.map((each) => (each.id === 'b' ? { ...each, data: { text: '' } } : each)) })).toEqual([
    'b',
    'c',
  ]);
  expect(touched({ nodes: [...nodes, node('new', 0, 0)] })).toEqual([]);
  expect(touched({ edges: [...before.edges, edge('c', 'd')] })).toEqual(['d']);
  expect(touched({ edges: [edge('b', 'c')] })).toEqual(['b', 'c']);
  expect(touched({ edges: [edge('a', 'b', true), edge('b', 'c')] })).toEqual(['b', 'c']);
  expect(touched({ edges: before.edges.map((each) => ({ ...each, selected: true })) })).toEqual([]);
});
