import { describe, expect, test } from '@jest/globals';
import type { CanvasNode } from './canvas-graph.ts';
import { detourOf } from './detour.ts';

const node = (id: string, x: number, y: number, height = 200): CanvasNode => ({
  id,
  type: 'text',
  position: { x, y },
  width: 264,
  height,
  data: {},
});
const edge = { source: 'a', target: 'b' };
const from = { x: 264, y: 50 };
const to = { x: 1_000, y: 50 };
const ends = [node('a', 0, 0), node('b', 1_000, 0)];

/** The height at which a detour goes along. */
const laneOf = (nodes: readonly CanvasNode[], start = from, end = to) => detourOf(nodes, edge, start, end)?.y;

describe('a connection', () => {
  test('that covers nothing goes as it goes', () => {
    expect(detourOf([...ends, node('c', 500, 400)], edge, from, to)).toBeNull();
  });

  test('is led around a node in its way, by the shorter side', () => {
    expect(laneOf([...ends, node('c', 500, 0)])).toBe(-14);
    expect(laneOf([...ends, node('c', 500, -120)])).toBe(94);
    const { path } = detourOf([...ends, node('c', 500, 0)], edge, from, to)!;
    expect(path).toBe('M264,50 C375,50 375,-14 486,-14 L778,-14 C889,-14 889,50 1000,50');
  });

  test('is led around all that stands in the way of its detour, too', () => {
    // Between two nodes of a column there is room for a line, and none where they nearly touch.
    expect(laneOf([...ends, node('c', 500, 0), node('d', 500, -205), node('e', 500, 205)])).toBe(-219);
    expect(laneOf([...ends, node('c', 500, 0), node('d', 500, -240), node('e', 500, 240)])).toBe(-14);
  });

  test('passes behind what leaves no room between it and the ends, and that is said', () => {
    expect(detourOf([...ends, node('c', 270, 0)], edge, from, to)).toEqual({ path: null, x: 632, y: 50 });
  });

  test('is not kept from its own nodes, from frames, nor where it leads back', () => {
    const frame: CanvasNode = {
      id: 'f',
      type: 'group',
      position: { x: 400, y: -100 },
      width: 400,
      height: 400,
      data: {},
    };
    expect(detourOf([...ends, frame], edge, from, to)).toBeNull();
    expect(detourOf([...ends, node('c', 500, 0)], edge, to, from)).toBeNull();
  });

  test('knows where the nodes of a frame are', () => {
    const frame: CanvasNode = {
      id: 'f',
      type: 'group',
      position: { x: 400, y: -50 },
      width: 400,
      height: 400,
      data: {},
    };
    expect(laneOf([...ends, frame, { ...node('c', 100, 50), parentId: 'f' }])).toBe(-14);
  });
});
