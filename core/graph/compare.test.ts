import { describe, expect, test } from '@jest/globals';
import { compareGraphs } from './compare.ts';
import { graphSchema } from './graph.ts';

const node = (id: string, data: object = {}, more: object = {}) => ({ id, type: 'text', data, ...more });
const edge = (id: string, source: string, target: string, more: object = {}) => ({ id, source, target, ...more });
const compare = (before: object, after: object) => compareGraphs(graphSchema.parse(before), graphSchema.parse(after));

describe('two graphs', () => {
  test('are told apart node by node: added, removed, changed, moved or the same', () => {
    const { nodes } = compare(
      {
        nodes: [
          node('kept'),
          node('gone'),
          node('changed', { text: 'a', b: 1 }),
          node('moved'),
          node('both', { text: 'a' }),
        ],
        edges: [],
      },
      {
        nodes: [
          node('new'),
          node('kept'),
          node('changed', { b: 1, text: 'b', c: null }),
          node('moved', {}, { position: { x: 10, y: 0 } }),
          node('both', {}, { parentId: 'frame' }),
        ],
        edges: [],
      },
    );
    expect(nodes.map(({ id, change, isMoved }) => [id, change, isMoved])).toEqual([
      ['new', 'added', false],
      ['kept', 'same', false],
      ['changed', 'changed', false],
      ['moved', 'moved', true],
      ['both', 'changed', true],
      ['gone', 'removed', false],
    ]);
    expect(nodes[2]!.fields).toEqual([
      { name: 'c', before: undefined, after: null },
      { name: 'text', before: 'a', after: 'b' },
    ]);
    expect(nodes[4]!.fields).toEqual([{ name: 'text', before: 'a', after: undefined }]);
  });

  test('do not differ by the order of keys, parts of pixels, or what a canvas keeps besides', () => {
    const { nodes } = compare(
      { nodes: [node('a', { x: { p: 1, q: 2 } }, { position: { x: 1.2, y: 0 }, selected: true })], edges: [] },
      { nodes: [node('a', { x: { q: 2, p: 1 } }, { position: { x: 1.4, y: 0 } })], edges: [] },
    );
    expect(nodes.map(({ change }) => change)).toEqual(['same']);
  });

  test('have settings that are told apart one by one', () => {
    const graph = { nodes: [], edges: [] };
    const { settings } = compare(
      { ...graph, settings: { runTimeoutMs: 60_000, later: [1] } },
      { ...graph, settings: { runTimeoutMs: 120_000, later: [1] } },
    );
    expect(settings).toEqual([{ name: 'runTimeoutMs', before: 60_000, after: 120_000 }]);
    expect(compare(graph, { ...graph, settings: {} }).settings).toEqual([]);
  });

  test('say where the type of a node is another one', () => {
    const { nodes } = compare(
      { nodes: [node('a')], edges: [] },
      { nodes: [node('a', {}, { type: 'number' })], edges: [] },
    );
    expect(nodes[0]).toMatchObject({ change: 'changed', fields: [{ name: 'type', before: 'text', after: 'number' }] });
  });

  test('have the same edge where its ends are the same, whatever it is called', () => {
    const { edges } = compare(
      { nodes: [], edges: [edge('1', 'a', 'b'), edge('2', 'a', 'c')] },
      { nodes: [], edges: [edge('9', 'a', 'b', { sourceHandle: null }), edge('2', 'a', 'c', { targetHandle: 'x' })] },
    );
    expect(edges.map(({ change, edge: { id } }) => [id, change])).toEqual([
      ['9', 'same'],
      ['2', 'added'],
      ['2', 'removed'],
    ]);
  });
});
