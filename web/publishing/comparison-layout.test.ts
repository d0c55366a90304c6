import { expect, test } from '@jest/globals';
import { compareGraphs } from '../../core/graph/compare.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { layOutComparison } from './comparison-layout.ts';

const node = (id: string, x: number, y: number, more: object = {}) => ({
  id,
  type: 'text',
  position: { x, y },
  data: {},
  width: 264,
  height: 200,
  ...more,
});
const graph = (...nodes: ReturnType<typeof node>[]): Graph => ({ nodes, edges: [] });
const layOut = (before: Graph, after: Graph) => {
  const laidOut = layOutComparison(before, after, compareGraphs(before, after), new Map());
  if (laidOut === null) throw new Error('Nothing was laid out.');
  const tops = Object.fromEntries([...laidOut.boxes].map(([id, { y }]) => [id, y]));
  return { ...laidOut, tops };
};

test('a removed node stays where it was while that place is free', () => {
  expect(layOut(graph(node('old', 0, 40)), graph(node('new', 300, 0))).tops).toEqual({ new: 0, old: 40 });
});

test('a removed node gives way to what stands in its place now, and to others that gave way', () => {
  const before = graph(node('first', 0, 0), node('second', 10, 20));
  const after = graph(node('new', 0, 10), node('below', 0, 250));
  expect(layOut(before, after).tops).toEqual({ new: 10, below: 250, first: 474, second: 698 });
});

test('a removed frame stays around what it held; only its name gives way to the name of another', () => {
  const frame = { type: 'group', width: 600, height: 500 };
  const { tops, bounds } = layOut(
    graph(node('held', 20, 100), node('old', 0, 0, frame)),
    graph(node('held', 20, 100), node('new', 0, 10, frame)),
  );
  expect(tops).toEqual({ new: 10, held: 100, old: 114 });
  expect(bounds).toEqual({ x: 0, y: 10, width: 600, height: 604 });
});

test('where a moved node was counts for the size of the picture', () => {
  const { ghosts, bounds } = layOut(graph(node('it', -400, 0)), graph(node('it', 0, 0)));
  expect(ghosts.map(({ id, box }) => [id, box.x])).toEqual([['it', -400]]);
  expect(bounds).toEqual({ x: -400, y: 0, width: 664, height: 200 });
});

test('two empty graphs have no picture', () => {
  expect(layOutComparison(graph(), graph(), compareGraphs(graph(), graph()), new Map())).toBeNull();
});
