import { z } from 'zod';
import { defineNode } from '../core/node-type/definition.ts';
import { defineExecutor, type ExecutionContext, type NodeExecutor } from '../core/node-type/executor.ts';
import type { Suspension } from '../core/node-type/suspension.ts';
import type { NodeOutputs } from '../core/node-type/values.ts';
import { nodeOf } from './graphs.ts';
import type { GraphNode } from '../core/graph/graph.ts';

/** A node type whose behavior the test gives, by the node's `script`. */
export const scriptedNode = defineNode({
  type: 'scripted',
  version: 1,
  title: 'Scripted',
  description: 'Does what the test says.',
  category: 'flow',
  icon: 'flask-conical',
  inputs: [{ id: 'input', title: 'Input', dataType: 'any', many: true, carries: true }],
  outputs: [{ id: 'output', title: 'Output', dataType: 'any' }],
  configSchema: z.object({
    label: z.string().optional(),
    script: z.string(),
    timeoutMs: z.number().default(60_000),
    isDeterministic: z.boolean().default(false),
  }),
  defaults: { script: '' },
  costClass: () => 'io',
  isDeterministic: (config) => config.isDeterministic,
  timeoutMs: (config) => config.timeoutMs,
});

type Script = (context: ExecutionContext<{ script: string }>) => Promise<NodeOutputs | Suspension>;

export interface ScriptedNodes {
  readonly executor: NodeExecutor;
  /** Calls so far, by script. */
  calls(script: string): number;
}

/** An executor that plays the given scripts and counts its calls. */
export function scriptedExecutor(scripts: Readonly<Record<string, Script>>): ScriptedNodes {
  const counts = new Map<string, number>();
  const executor = defineExecutor(scriptedNode, async (context) => {
    const { script } = context.config;
    counts.set(script, (counts.get(script) ?? 0) + 1);
    return scripts[script]!(context);
  });
  return { executor, calls: (script) => counts.get(script) ?? 0 };
}

export function scripted(id: string, script: string, data: Record<string, unknown> = {}): GraphNode {
  return nodeOf(id, 'scripted', { script, ...data });
}
