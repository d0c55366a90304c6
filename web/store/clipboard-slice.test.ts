import { beforeEach, describe, expect, test } from '@jest/globals';
import { describeNodeType } from '../../core/node-type/describe.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { readPaste } from '../graph/read-paste.ts';
import { catalogueFrom } from '../graph/catalogue.ts';
import { createStoreFixture, type StoreFixture } from './store-fixture.ts';

const catalogue = catalogueFrom(nodeDefinitions.map(describeNodeType));
let workflow: StoreFixture;
beforeEach(() => {
  workflow = createStoreFixture(catalogue);
});

const state = () => workflow.state();
const connect = (source: string, target: string, targetHandle: string) =>
  workflow.connect(source, target, targetHandle);

const fragmentIn = (text: string) => {
  const limits = { maxNodes: 500, maxEdges: 2_000, maxTextBytes: 262_144, maxGraphBytes: 1_048_576 };
  const pasted = readPaste({ files: [], text, html: null }, { types: new Set(catalogue.keys()), limits });
  if (pasted.kind !== 'nodes') throw new Error(`The text holds ${pasted.kind}.`);
  return pasted.fragment;
};

describe('copy and paste', () => {
  test('keeps inner edges, gives new ids and puts the middle at the pointer', () => {
    const text = state().addNode('text', { x: 0, y: 0 }, { text: 'hello' });
    const llm = state().addNode('llm', { x: 400, y: 0 });
    const outside = state().addNode('delay', { x: 800, y: 0 });
    connect(text, llm, 'user_message');
    connect(llm, outside, 'input');
    state().selectNodes([text, llm]);
    const copied = fragmentIn(state().copySelection() ?? '');
    expect(copied.edges).toHaveLength(1);
    state().pasteFragment(copied, { x: 1_000, y: 1_000 });
    expect(state().nodes).toHaveLength(5);
    expect(state().edges).toHaveLength(3);
    const [first, second] = state().nodes.slice(3);
    expect(new Set(state().nodes.map(({ id }) => id)).size).toBe(5);
    expect(first?.data['text']).toBe('hello');
    expect((first!.position.x + second!.position.x + 264) / 2).toBeCloseTo(1_000);
    expect(state().selectedNodes).toEqual([first!.id, second!.id]);
  });

  test('cut takes the nodes away', () => {
    state().addNode('text', { x: 0, y: 0 });
    expect(state().cutSelection()).toContain('"heddle": "nodes"');
    expect(state().nodes).toEqual([]);
  });

  const end = (id: string, type: string, x: number) => ({ id, type, position: { x, y: 0 }, data: {} });
  const edge = (id: string, source: string, target: string, targetHandle = 'input') => ({
    id,
    source,
    sourceHandle: 'output',
    target,
    targetHandle,
  });

  test('C15: leaves out connections that could not be drawn, and says why', () => {
    state().pasteFragment(
      {
        nodes: [end('a', 'text', 0), end('b', 'delay', 300), end('c', 'delay', 600), end('d', 'cropImage', 900)],
        edges: [
          edge('there', 'a', 'b'),
          edge('back', 'b', 'a'),
          edge('again', 'a', 'b'),
          edge('on', 'b', 'c'),
          edge('loop', 'c', 'b'),
          edge('own', 'c', 'c'),
          edge('wrong type', 'a', 'd', 'image_url'),
          edge('no such input', 'a', 'd', 'nothing'),
        ],
      },
      { x: 0, y: 0 },
    );
    const [a, b, c] = state().nodes.map(({ id }) => id);
    expect(state().edges.map(({ source, target }) => [source, target])).toEqual([
      [a, b],
      [b, c],
    ]);
    expect(workflow.toasts).toEqual([
      expect.objectContaining({ title: '6 connections skipped', description: expect.stringContaining('output') }),
    ]);
  });

  test('C15: leaves out a second connection into an input for one value', () => {
    state().pasteFragment(
      {
        nodes: [end('a', 'image', 0), end('b', 'image', 300), end('d', 'cropImage', 900)],
        edges: [edge('first', 'a', 'd', 'image_url'), edge('second', 'b', 'd', 'image_url')],
      },
      { x: 0, y: 0 },
    );
    expect(state().edges).toHaveLength(1);
    expect(workflow.toasts[0]?.description).toContain('only one connection');
  });

  test('C14: nodes that share an id become nodes of their own', () => {
    state().pasteFragment(
      { nodes: [end('d', 'text', 0), end('d', 'delay', 300), end('x', 'delay', 600)], edges: [edge('e', 'd', 'x')] },
      { x: 0, y: 0 },
    );
    const [first, second, third] = state().nodes.map(({ id }) => id);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(state().edges).toMatchObject([{ source: first, target: third }]);
  });
});
