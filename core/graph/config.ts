import type { z } from 'zod';
import type { AnyNodeDefinition } from '../node-type/definition.ts';
import type { GraphNode } from './graph.ts';

/** What the schema of a node type makes of a node's `data`. Whoever gets it must not change it. */
export type NodeConfig = Readonly<z.output<AnyNodeDefinition['configSchema']>>;

/** The `data` of a node as the newest version of its type has it: what an earlier one wrote is migrated. */
export function currentData(
  definition: Pick<AnyNodeDefinition, 'version' | 'migrate'>,
  node: GraphNode,
): Readonly<Record<string, unknown>> {
  const { typeVersion = 1, data } = node;
  return typeVersion < definition.version ? (definition.migrate?.(data, typeVersion) ?? data) : data;
}

/** Configs by node id. Checking, planning and executing need them all, and parsing is dear: each is parsed once. */
export type NodeConfigs = Map<string, NodeConfig>;

/** The config of a node; parsed where it is not known yet. Throws where its `data` does not fit the schema. */
export function configOf(configs: NodeConfigs, definition: AnyNodeDefinition, node: GraphNode): NodeConfig {
  let config = configs.get(node.id);
  if (config === undefined)
    configs.set(node.id, (config = definition.configSchema.parse(currentData(definition, node))));
  return config;
}
