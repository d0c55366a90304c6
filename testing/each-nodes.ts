import { z } from 'zod';
import type { GraphNode } from '../core/graph/graph.ts';
import { defineNode } from '../core/node-type/definition.ts';
import { defineExecutor, type ExecutionContext, type NodeExecutor } from '../core/node-type/executor.ts';
import type { Suspension } from '../core/node-type/suspension.ts';
import type { JsonValue, NodeOutputs } from '../core/node-type/values.ts';
import { nodeOf } from './graphs.ts';

/** Puts out the list that it is given. */
export const itemsNode = defineNode({
  type: 'items',
  version: 1,
  title: 'Items',
  description: 'A list that the test gives.',
  category: 'input',
  icon: 'list',
  inputs: [],
  outputs: [{ id: 'output', title: 'Items', dataType: 'list<text>' }],
  configSchema: z.object({ items: z.array(z.json()) }),
  defaults: { items: [] },
  costClass: () => 'inline',
  isDeterministic: () => true,
});

export const itemsExecutor = defineExecutor(itemsNode, async ({ config }) => ({
  output: config.items as JsonValue[],
}));

/** Takes one text, so that it is executed once for each of a list; does what the test says. */
export const eachNode = defineNode({
  type: 'each',
  version: 1,
  title: 'Each',
  description: 'Does with each element what the test says.',
  category: 'flow',
  icon: 'flask-conical',
  inputs: [
    { id: 'input', title: 'Input', dataType: 'text', required: true },
    { id: 'other', title: 'Other', dataType: 'text', onlyByName: true },
  ],
  outputs: [{ id: 'output', title: 'Output', dataType: 'text' }],
  configSchema: z.object({
    label: z.string().optional(),
    script: z.string(),
    isDeterministic: z.boolean().default(false),
  }),
  defaults: { script: '' },
  costClass: () => 'io',
  isDeterministic: (config) => config.isDeterministic,
});

/** Takes a list as it is, and puts it out in one text. */
export const wholeNode = defineNode({
  type: 'whole',
  version: 1,
  title: 'Whole',
  description: 'Joins a list.',
  category: 'flow',
  icon: 'list-end',
  inputs: [{ id: 'items', title: 'Items', dataType: 'list<text>', required: true }],
  outputs: [{ id: 'output', title: 'Output', dataType: 'text' }],
  configSchema: z.object({}),
  defaults: {},
  costClass: () => 'inline',
  isDeterministic: () => true,
});

export const wholeExecutor = defineExecutor(wholeNode, async ({ inputs }) => ({
  output: (inputs['items'] as (string | null)[]).map((item) => item ?? '-').join(' '),
}));

/** Makes a list of each text: one within a list where it is executed once for each element. */
export const splitNode = defineNode({
  type: 'split',
  version: 1,
  title: 'Split',
  description: 'Splits a text at its spaces.',
  category: 'text',
  icon: 'split',
  inputs: [{ id: 'input', title: 'Input', dataType: 'text', required: true }],
  outputs: [{ id: 'output', title: 'Words', dataType: 'list<text>' }],
  configSchema: z.object({}),
  defaults: {},
  costClass: () => 'inline',
  isDeterministic: () => true,
});

export const splitExecutor = defineExecutor(splitNode, async ({ inputs }) => ({
  output: String(inputs['input']).split(' '),
}));

export const listNodes = [itemsNode, eachNode, wholeNode, splitNode] as const;

type Script = (input: string, context: ExecutionContext<{ script: string }>) => Promise<NodeOutputs | Suspension>;

export interface EachNodes {
  readonly executors: readonly NodeExecutor[];
  /** What a script was called with so far, in the order of its calls. */
  calls(script: string): readonly string[];
}

/** Executors of these; `each` plays the given scripts. */
export function eachExecutors(scripts: Readonly<Record<string, Script>>): EachNodes {
  const heard = new Map<string, string[]>();
  const executor = defineExecutor(eachNode, async (context) => {
    const { script } = context.config;
    const input = String(context.inputs['input']);
    heard.set(script, [...(heard.get(script) ?? []), input]);
    return scripts[script]!(input, context);
  });
  return {
    executors: [itemsExecutor, wholeExecutor, splitExecutor, executor],
    calls: (script) => heard.get(script) ?? [],
  };
}

export function items(id: string, values: readonly unknown[]): GraphNode {
  return nodeOf(id, 'items', { items: values });
}

export function each(id: string, script: string, data: Record<string, unknown> = {}): GraphNode {
  return nodeOf(id, 'each', { script, ...data });
}
