import { expect, test } from '@jest/globals';
import type { CanvasNode } from './canvas-graph.ts';
import { besideBox, freePlace } from './free-place.ts';

const size = { width: 264, height: 160 };

function nodeAt(id: string, x: number, y: number, more: Partial<CanvasNode> = {}): CanvasNode {
  return { id, type: 'text', position: { x, y }, data: {}, measured: size, ...more };
}

test('an empty place is taken as it is', () => {
  expect(freePlace([nodeAt('far', 900, 900)], { x: 10, y: 20, ...size })).toEqual({ x: 10, y: 20 });
});

test('a taken place leads to the one beside it, on the right', () => {
  expect(freePlace([nodeAt('a', 0, 0)], { x: 0, y: 0, ...size })).toEqual({ x: 320, y: 0 });
});

test('ten nodes added at the same place do not touch each other', () => {
  const nodes: CanvasNode[] = [];
  for (let count = 0; count < 10; count += 1) {
    const { x, y } = freePlace(nodes, { x: 0, y: 0, ...size });
    nodes.push(nodeAt(`n${count}`, x, y));
  }
  for (const a of nodes) {
    for (const b of nodes) {
      if (a === b) continue;
      const isApart =
        Math.abs(a.position.x - b.position.x) > size.width || Math.abs(a.position.y - b.position.y) > size.height;
      expect([a.id, b.id, isApart]).toEqual([a.id, b.id, true]);
    }
  }
});

test('what lies in a frame counts where it really is, and the frame itself is no obstacle', () => {
  const frame: CanvasNode = { id: 'f', type: 'group', position: { x: 0, y: 0 }, data: {}, width: 900, height: 500 };
  const inside = nodeAt('a', 300, 0, { parentId: 'f' });
  expect(freePlace([frame, inside], { x: 0, y: 600, ...size })).toEqual({ x: 0, y: 600 });
  expect(freePlace([frame], { x: 0, y: 0, ...size })).toEqual({ x: 0, y: 0 });
  expect(freePlace([frame, inside], { x: 300, y: 0, ...size })).not.toEqual({ x: 300, y: 0 });
});

test('what is added right beside a node, connected to it, leaves room for the edge; elsewhere it stays where it was put', () => {
  const box = { x: 100, width: 264 };
  const at = (side: 'source' | 'target', x: number) => besideBox(box, side, { x, width: 264 });
  expect([at('source', 370), at('source', 600), at('source', 200)]).toEqual([460, 600, 200]);
  expect([at('target', -170), at('target', -400), at('target', 50)]).toEqual([-260, -400, 50]);
});
