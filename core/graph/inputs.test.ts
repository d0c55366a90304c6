import { describe, expect, test } from '@jest/globals';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import type { AnyNodeDefinition, InputHandle } from '../node-type/definition.ts';
import type { NodeOutputs } from '../node-type/values.ts';
import { resolveInputs } from './inputs.ts';
import type { ResolvedEdge } from './structure.ts';

const llm = nodeCatalogue.get('llm')!;

function edge(source: string, targetHandle: string, sourceHandle = 'output'): ResolvedEdge {
  return { id: `${source}-${targetHandle}`, source, sourceHandle, target: 'model', targetHandle };
}

function withInputs(inputs: readonly InputHandle[]): AnyNodeDefinition {
  return { ...llm, inputs };
}

function outputsFrom(outputs: Record<string, NodeOutputs>) {
  return (nodeId: string) => new Map(Object.entries(outputs)).get(nodeId);
}

describe('the inputs of a node', () => {
  test('have one key per connected handle and none for the others', () => {
    const inputs = resolveInputs(llm, [edge('a', 'user_message')], outputsFrom({ a: { output: 'hi' } }));
    expect(inputs).toEqual({ user_message: 'hi' });
    expect(Object.keys(inputs)).toEqual(['user_message']);
    expect(resolveInputs(llm, [], outputsFrom({}))).toEqual({});
  });

  test('are a list in edge order on a handle that takes many, also of one', () => {
    const outputs = outputsFrom({ a: { output: 'A' }, b: { output: 'B' }, c: { output: 'C' } });
    const edges = [edge('c', 'images'), edge('a', 'user_message'), edge('b', 'images')];
    expect(resolveInputs(llm, edges, outputs)).toEqual({ images: ['C', 'B'], user_message: 'A' });
    expect(resolveInputs(llm, [edge('a', 'images')], outputs)).toEqual({ images: ['A'] });
  });

  test('keep false, zero and empty text as they are', () => {
    const outputs = outputsFrom({ a: { output: '' }, b: { output: 0 }, c: { output: false } });
    const edges = [edge('a', 'user_message'), edge('b', 'images'), edge('c', 'images')];
    expect(resolveInputs(llm, edges, outputs)).toEqual({ user_message: '', images: [0, false] });
  });

  test('lack what was not given, and hold a given null', () => {
    const outputs = outputsFrom({ a: { other: 'x' }, b: { output: null } });
    const edges = [edge('a', 'user_message'), edge('gone', 'images'), edge('b', 'images'), edge('a', 'images')];
    expect(resolveInputs(llm, edges, outputs)).toEqual({ images: [null] });
  });

  test.each(['toString', 'constructor', '__proto__'])('lack an output %s that was not given', (name) => {
    const inputs = resolveInputs(llm, [edge('a', 'user_message', name)], outputsFrom({ a: { output: 'x' } }));
    expect(inputs).toEqual({});
  });

  test.each(['toString', 'constructor', '__proto__'])('and outputs may be called %s', (name) => {
    const definition = withInputs([{ id: name, title: name, dataType: 'any' }]);
    const outputs = JSON.parse(`{ ${JSON.stringify(name)}: { "polluted": 1 } }`) as NodeOutputs;
    const inputs = resolveInputs(definition, [edge('a', name, name)], outputsFrom({ a: outputs }));
    expect(Object.entries(inputs)).toEqual([[name, { polluted: 1 }]]);
    expect((inputs as { polluted?: number }).polluted).toBeUndefined();
  });
});
