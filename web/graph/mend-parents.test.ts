import { describe, expect, test } from '@jest/globals';
import type { Graph } from '../../core/graph/graph.ts';
import { absolutePosition, fromGraph } from './canvas-graph.ts';
import { readPaste } from './read-paste.ts';

function nodeOf(id: string, type: string, x: number, more: object = {}): Graph['nodes'][number] {
  return { id, type, position: { x, y: 0 }, data: {}, ...more };
}

function loaded(...nodes: Graph['nodes']) {
  const graph = fromGraph({ nodes, edges: [] });
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const places = Object.fromEntries(graph.nodes.map((node) => [node.id, absolutePosition(node, byId).x]));
  const parents = Object.fromEntries(graph.nodes.map(({ id, parentId }) => [id, parentId]));
  return { ...graph, places, parents };
}

describe('C7: parents that do not hold', () => {
  test('nodes in a circle are freed where they are', () => {
    const graph = loaded(nodeOf('a', 'text', 10, { parentId: 'b' }), nodeOf('b', 'text', 20, { parentId: 'a' }));
    expect(graph).toMatchObject({ mended: 2, parents: { a: undefined, b: undefined }, places: { a: 30, b: 30 } });
  });

  test('so is one that is its own parent, and one whose parent is not there or is no frame', () => {
    const graph = loaded(
      nodeOf('self', 'group', 1, { parentId: 'self' }),
      nodeOf('lost', 'text', 2, { parentId: 'gone' }),
      nodeOf('plain', 'text', 30),
      nodeOf('child', 'text', 4, { parentId: 'plain' }),
      nodeOf('odd', 'text', 5, { parentId: { id: 'plain' } }),
    );
    expect(graph.mended).toBe(4);
    expect(graph.places).toEqual({ self: 1, lost: 2, plain: 30, child: 34, odd: 5 });
  });

  test('frames in frames are laid beside each other, with what they hold still in them and all where it was', () => {
    const graph = loaded(
      nodeOf('leaf', 'text', 3, { parentId: 'inner' }),
      nodeOf('inner', 'group', 20, { parentId: 'outer' }),
      nodeOf('outer', 'group', 100),
    );
    expect(graph).toMatchObject({
      mended: 1,
      parents: { leaf: 'inner', inner: undefined },
      places: { leaf: 123, inner: 120, outer: 100 },
    });
  });

  test('a thousand frames in a chain and a circle behind it end', () => {
    const chain = Array.from({ length: 1_000 }, (_, index) =>
      nodeOf(`n${index}`, 'group', 1, { parentId: `n${(index + 1) % 1_000}` }),
    );
    expect(loaded(...chain).mended).toBe(1_000);
  });

  test('a graph that holds together is left as it is', () => {
    const graph = loaded(nodeOf('in', 'text', 5, { parentId: 'f' }), nodeOf('f', 'group', 100));
    expect(graph).toMatchObject({ mended: 0, parents: { in: 'f' }, places: { in: 105 } });
    expect(loaded(nodeOf('a', 'text', 1, { parentId: null })).mended).toBe(0);
  });

  test('a pasted fragment says how many it had to free', () => {
    const text = JSON.stringify({
      heddle: 'nodes',
      nodes: [nodeOf('a', 'text', 0, { parentId: 'b' }), nodeOf('b', 'text', 0, { parentId: 'a' })],
      edges: [],
    });
    const limits = { maxNodes: 10, maxEdges: 10, maxTextBytes: 1_000, maxGraphBytes: 10_000 };
    const pasted = readPaste({ files: [], text, html: null }, { types: new Set(['text']), limits });
    expect(pasted).toMatchObject({ kind: 'nodes', fragment: { mended: 2 } });
  });
});

test('C7: keys that React Flow could not draw are left out, whatever stands in them', () => {
  const { nodes } = loaded(
    nodeOf('a', 'text', 0, {
      style: 'color: red',
      className: 7,
      width: 'wide',
      height: -1,
      measured: { width: 'x' },
      handles: 'none',
      extent: 'parent',
      zIndex: 3,
      note: 'kept',
    }),
  );
  expect(nodes[0]).toEqual({ ...nodeOf('a', 'text', 0), zIndex: 3, note: 'kept' });
});
