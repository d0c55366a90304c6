import { z } from 'zod';
import { workflowSettingsSchema } from './settings.ts';

/**
 * A workflow graph in React Flow's shape, as the column `workflows.data`
 * holds it. Only what the engine reads is named; everything else that React
 * Flow keeps (position, size, viewport …) is carried along untouched.
 */
export const graphNodeSchema = z.looseObject({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  /** The version of the node type that wrote `data`. Default 1. */
  typeVersion: z.number().int().min(1).optional(),
  position: z.object({ x: z.number(), y: z.number() }).default({ x: 0, y: 0 }),
  data: z.record(z.string(), z.unknown()).default({}),
});

/** Unknown fields are kept. Handles are checked later, against the node types. */
export const graphEdgeSchema = z.looseObject({
  id: z.string().min(1).max(255),
  source: z.string().min(1).max(255),
  sourceHandle: z.string().max(255).nullish(),
  target: z.string().min(1).max(255),
  targetHandle: z.string().max(255).nullish(),
});

/** The shape alone. Cycles, unknown types and loose ends are found separately. */
export const graphSchema = z.looseObject({
  nodes: z.array(graphNodeSchema),
  edges: z.array(graphEdgeSchema),
  settings: workflowSettingsSchema.optional(),
});

export type GraphNode = z.output<typeof graphNodeSchema>;
export type GraphEdge = z.output<typeof graphEdgeSchema>;
export type Graph = z.output<typeof graphSchema>;

/** A node that a person has turned off (`data.off`): no run executes it, nor anything that needs it. */
export function isTurnedOff(node: { readonly data: Readonly<Record<string, unknown>> }): boolean {
  return node.data['off'] === true;
}

/** Node types that only decorate the canvas; the engine passes over them and no edge may touch them. */
export const annotationTypes: ReadonlySet<string> = new Set(['note', 'group']);
