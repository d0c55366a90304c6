import { z } from 'zod';
import type { Graph, GraphEdge } from '../core/graph/graph.ts';
import {
  catalogueOf,
  defineNode,
  type AnyNodeDefinition,
  type InputHandle,
  type OutputHandle,
} from '../core/node-type/definition.ts';
import { edgeOf, nodeOf } from './graphs.ts';

function typeOf(
  type: string,
  inputs: readonly InputHandle[],
  output: Omit<OutputHandle, 'id' | 'title'>,
  more: Pick<AnyNodeDefinition, 'loop' | 'laps'> = {},
) {
  return defineNode({
    ...more,
    type,
    version: 1,
    title: type,
    description: 'A node type of tests.',
    category: 'flow',
    icon: 'box',
    inputs,
    outputs: [{ id: 'output', title: 'Output', ...output }],
    configSchema: z.object({}),
    defaults: {},
    costClass: () => 'inline',
    isDeterministic: () => true,
  });
}

const a: InputHandle = { id: 'a', title: 'A', dataType: 'text' };
const b: InputHandle = { id: 'b', title: 'B', dataType: 'text' };

const again: Pick<AnyNodeDefinition, 'loop' | 'laps'> = { loop: 'begin', laps: () => 2 };

/** Node types that take and give lists in each of the ways there are; each has an input `a`, and the output `output`. */
export const listCatalogue = catalogueOf([
  typeOf('text', [], { dataType: 'text' }),
  typeOf('texts', [], { dataType: 'list<text>' }),
  /** Two single values. */
  typeOf('pair', [a, b], { dataType: 'text' }),
  typeOf('split', [a], { dataType: 'list<text>' }),
  typeOf('whole', [{ ...a, dataType: 'list<text>' }, b], { dataType: 'text' }),
  typeOf('gather', [{ ...a, many: true }, b], { dataType: 'text' }),
  typeOf('pass', [{ ...a, dataType: 'any' }], { dataType: 'any', follows: { input: 'a', as: 'same' } }),
  typeOf('pick', [{ ...a, dataType: 'list<any>' }], { dataType: 'list<any>', follows: { input: 'a', as: 'list' } }),
  typeOf('first', [{ ...a, dataType: 'list<any>' }], { dataType: 'any', follows: { input: 'a', as: 'element' } }),
  typeOf('values', [{ ...a, dataType: 'any', many: true }], {
    dataType: 'list<any>',
    follows: { input: 'a', as: 'values' },
  }),
  /** The two ends of a loop with two laps. */
  typeOf('again', [{ ...a, dataType: 'any' }], { dataType: 'any', follows: { input: 'a', as: 'same' } }, again),
  typeOf(
    'till',
    [{ ...a, dataType: 'any' }],
    { dataType: 'any', follows: { input: 'a', as: 'same' } },
    { loop: 'end' },
  ),
  typeOf('data', [{ ...a, dataType: 'json' }], { dataType: 'json' }),
  typeOf('image', [{ ...a, dataType: 'image' }], { dataType: 'image' }),
]);

/**
 * A graph of these types, written down: nodes as `id:type`, edges as `from>to`, `from>to.input` or `from.output>to`, and
 * with `*` at the end where the elements go along one by one, with `=` where they go all together.
 */
export function listGraph(nodes: string, edges = ''): Graph {
  return {
    nodes: words(nodes).map((word) => nodeOf(...(word.split(':') as [string, string]))),
    edges: words(edges).map(edgeFrom),
  };
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

function edgeFrom(word: string): GraphEdge {
  const [, from, output, to, input, mark] = /^(\w+)(?:\.(\w+))?>(\w+)(?:\.(\w+))?([*=]?)$/.exec(word)!;
  return edgeOf(from!, to!, {
    id: word,
    sourceHandle: output ?? 'output',
    targetHandle: input ?? 'a',
    ...(mark !== '' && { data: { each: mark === '*' } }),
  });
}
