import type { z } from 'zod';
import type { AnyNodeDefinition, NodeCatalogue } from '../node-type/definition.ts';
import { currentData, type NodeConfigs } from './config.ts';
import type { Complain, GraphFinding } from './findings.ts';
import { annotationTypes, type GraphNode } from './graph.ts';

/** Identity, type and config of each node; what the configs were read as goes into `configs`. */
export function checkNodes(
  nodes: readonly GraphNode[],
  catalogue: NodeCatalogue,
  configs: NodeConfigs,
  complain: Complain,
): void {
  const seen = new Set<string>();
  for (const [index, node] of nodes.entries()) {
    if (seen.has(node.id)) {
      complain({
        code: 'NODE_ID_DUPLICATE',
        message: `Two nodes have the id "${node.id}". Give each node a unique id.`,
        nodeIds: [node.id],
        path: `nodes[${index}].id`,
      });
    }
    seen.add(node.id);
    if (annotationTypes.has(node.type)) continue;
    const definition = catalogue.get(node.type);
    if (definition === undefined) {
      complain({
        code: 'NODE_TYPE_UNKNOWN',
        message: `Node "${node.id}" has the type "${node.type}", which does not exist. Known types: ${[...catalogue.keys()].join(', ')}.`,
        nodeIds: [node.id],
        path: `nodes[${index}].type`,
      });
      continue;
    }
    const parsed = definition.configSchema.safeParse(currentData(definition, node));
    if (parsed.success) configs.set(node.id, parsed.data);
    else for (const issue of parsed.error.issues) complain(configFinding(node, definition, issue, index));
  }
}

/** As people know a node: by its label, else by its id and what it is. Programs have `nodeIds`. */
export function nameOf({ id, data }: GraphNode, { title }: AnyNodeDefinition): string {
  const label = data['label'];
  return typeof label === 'string' && label.trim() !== '' ? `Node "${label}"` : `Node "${id}" (${title})`;
}

function configFinding(
  node: GraphNode,
  definition: AnyNodeDefinition,
  issue: z.core.$ZodIssue,
  index: number,
): GraphFinding {
  const field = fieldPath(issue);
  const path = `nodes[${index}].data`;
  return {
    code: 'NODE_DATA_INVALID',
    message: `${nameOf(node, definition)}: ${field || 'data'}: ${issue.message}`,
    nodeIds: [node.id],
    path: field ? `${path}.${field}` : path,
  };
}

function fieldPath(issue: z.core.$ZodIssue): string {
  return issue.path.map(String).join('.');
}
