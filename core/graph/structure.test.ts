import { describe, expect, test } from '@jest/globals';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { edgeOf, graphOf, hostileIds, nodeOf } from '../../testing/graphs.ts';
import { findHandle } from '../node-type/handles.ts';
import { structureOf } from './structure.ts';

describe('the handle an edge end means', () => {
  const one = [{ id: 'output', title: 'Output', dataType: 'text' }] as const;
  const two = [...one, { id: 'toString', title: 'Text', dataType: 'text' }] as const;

  test('is the only one where none is named', () => {
    expect(findHandle(one, null)?.id).toBe('output');
    expect(findHandle(one, undefined)?.id).toBe('output');
    expect(findHandle(two, null)).toBeUndefined();
    expect(findHandle([], undefined)).toBeUndefined();
  });

  test('is never one that goes by its name alone where none is named', () => {
    const later = { id: 'box', title: 'Box', dataType: 'json', onlyByName: true } as const;
    expect(findHandle([...one, later], null)?.id).toBe('output');
    expect(findHandle([...one, later], 'box')?.id).toBe('box');
    expect(findHandle([...two, later], null)).toBeUndefined();
  });

  test('is the one of that very name', () => {
    expect(findHandle(two, 'toString')?.title).toBe('Text');
    expect(findHandle(one, 'toString')).toBeUndefined();
    expect(findHandle(one, '')).toBeUndefined();
    expect(findHandle(one, 'Output')).toBeUndefined();
  });
});

describe('the structure of a graph', () => {
  test('names each neighbor once, however many edges lead there', () => {
    const edges = ['system_prompt', 'user_message'].map((targetHandle) =>
      edgeOf('prompt', 'model', { id: targetHandle, targetHandle }),
    );
    const structure = structureOf({ nodes: [nodeOf('prompt', 'text'), nodeOf('model', 'llm')], edges }, nodeCatalogue);
    expect(structure.dependencies.get('model')).toEqual(['prompt']);
    expect(structure.dependents.get('prompt')).toEqual(['model']);
    expect(structure.incoming.get('model')).toEqual([
      { id: 'system_prompt', source: 'prompt', sourceHandle: 'output', target: 'model', targetHandle: 'system_prompt' },
      { id: 'user_message', source: 'prompt', sourceHandle: 'output', target: 'model', targetHandle: 'user_message' },
    ]);
  });

  test('leaves annotations, unknown types and edges that join nothing out', () => {
    const graph = {
      nodes: [nodeOf('memo', 'note'), nodeOf('box', 'group'), nodeOf('x', 'teleport'), nodeOf('a'), nodeOf('b')],
      edges: [edgeOf('memo', 'a'), edgeOf('a', 'x'), edgeOf('ghost', 'a'), edgeOf('a', 'b', { targetHandle: 'nope' })],
    };
    const structure = structureOf(graph, nodeCatalogue);
    expect([...structure.nodes.keys()]).toEqual(['a', 'b']);
    expect(structure.edges).toEqual([]);
    expect([...structure.dependencies.values(), ...structure.dependents.values()]).toEqual([[], [], [], []]);
  });

  test('takes names that every object has for ordinary ids', () => {
    const graph = graphOf(
      hostileIds,
      hostileIds.slice(1).map((id) => `__proto__>${id}`),
    );
    const structure = structureOf(graph, nodeCatalogue);
    expect([...structure.nodes.keys()]).toEqual(hostileIds);
    expect(structure.dependents.get('__proto__')).toEqual(hostileIds.slice(1));
    expect(structure.dependencies.get('constructor')).toEqual(['__proto__']);
  });
});
