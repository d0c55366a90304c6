import { collectNode } from './flow/collect/definition.ts';
import type { AnyNodeDefinition, NodeHandles } from '../core/node-type/definition.ts';
import type { z } from 'zod';
import { handlesOfCode, shapeOfCode } from './connect/code/handles.ts';
import { handlesOfApproval, shapeOfApproval } from './flow/approve/handles.ts';
import { handlesOfRequest, shapeOfRequest } from './connect/http/handles.ts';
import { switchNode } from './flow/switch/definition.ts';
import { listNode } from './input/list/definition.ts';
import { handlesOfLayers, shapeOfLayers } from './image/compose/handles.ts';
import { templateNode } from './text/template/definition.ts';

/** What the canvas calls of a node type. */
export interface CanvasDefinition extends Pick<AnyNodeDefinition, 'type' | 'version' | 'migrate'> {
  /** The handles of a node with this data; null while something impossible is being typed. */
  handles(data: Readonly<Record<string, unknown>>): NodeHandles | null;
}

/** `schema` may be less than that of the definition: what the handles follow from. */
function onCanvas<Schema extends z.ZodObject>({
  schema,
  handles,
  ...rest
}: Pick<CanvasDefinition, 'type' | 'version' | 'migrate'> & {
  readonly schema: Schema;
  readonly handles: (config: z.output<Schema>) => NodeHandles;
}): CanvasDefinition {
  return {
    ...rest,
    handles: (data) => {
      const parsed = schema.safeParse(data);
      return parsed.success ? handles(parsed.data) : null;
    },
  };
}

/**
 * The node types with functions that the canvas calls: what an earlier version has saved is migrated there, and
 * handles follow from what is typed. All else
 * the server tells it, so that the first page does not grow with every node type: a type whose definition is long has
 * what its handles follow from in a file of its own. A test compares this with the definitions.
 */
export const canvasDefinitions: readonly CanvasDefinition[] = [
  onCanvas({ ...listNode, schema: listNode.configSchema, handles: listNode.handles! }),
  onCanvas({ ...templateNode, schema: templateNode.configSchema, handles: templateNode.handles! }),
  onCanvas({ type: 'composeImages', version: 1, schema: shapeOfLayers, handles: handlesOfLayers }),
  onCanvas({ ...switchNode, schema: switchNode.configSchema, handles: switchNode.handles! }),
  onCanvas({ ...collectNode, schema: collectNode.configSchema, handles: collectNode.handles! }),
  onCanvas({ type: 'http', version: 1, schema: shapeOfRequest, handles: handlesOfRequest }),
  onCanvas({ type: 'code', version: 1, schema: shapeOfCode, handles: handlesOfCode }),
  onCanvas({ type: 'approve', version: 1, schema: shapeOfApproval, handles: handlesOfApproval }),
];

/** The same, looked up by `type`. */
export const canvasCatalogue: ReadonlyMap<string, CanvasDefinition> = new Map(
  canvasDefinitions.map((definition) => [definition.type, definition]),
);
