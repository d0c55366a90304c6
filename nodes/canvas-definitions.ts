import type { z } from 'zod';
import type { AnyNodeDefinition, NodeHandles } from '../core/node-type/definition.ts';

/** What the canvas calls of a node type: what an earlier version has saved is migrated, and handles follow from what is typed. */
export interface CanvasDefinition extends Pick<AnyNodeDefinition, 'type' | 'version' | 'migrate'> {
  /** The handles of a node with this data; null while something impossible is being typed. */
  handles(data: Readonly<Record<string, unknown>>): NodeHandles | null;
}

/** A definition as the canvas calls it. */
function whole(definition: AnyNodeDefinition): CanvasDefinition {
  const { type, version, migrate, configSchema } = definition;
  return onCanvas({
    type,
    version,
    ...(migrate !== undefined && { migrate }),
    schema: configSchema,
    handles: (config) => definition.handles?.(config) ?? definition,
  });
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
 * The node types with functions that the canvas calls, in the order of the definitions; all else the server tells it.
 * Each is fetched when a graph has such a node, so that the first page does not grow with every node type: a type whose
 * definition is long has what its handles follow from in a file of its own. A test compares this with the definitions.
 */
const loaders = {
  list: async () => {
    const { shapeOfList, handlesOfList } = await import('./input/list/handles.ts');
    return onCanvas({ type: 'list', version: 1, schema: shapeOfList, handles: handlesOfList });
  },
  template: async () => whole((await import('./text/template/definition.ts')).templateNode),
  extractJson: async () => {
    const { shapeOfExtract, handlesOfExtract } = await import('./text/extract-json/handles.ts');
    return onCanvas({ type: 'extractJson', version: 1, schema: shapeOfExtract, handles: handlesOfExtract });
  },
  llm: async () => {
    const { shapeOfQuestion, handlesOfQuestion } = await import('./ai/llm/handles.ts');
    return onCanvas({ type: 'llm', version: 1, schema: shapeOfQuestion, handles: handlesOfQuestion });
  },
  comfy: async () => {
    const { shapeOfComfy, handlesOfComfy } = await import('./ai/comfy/handles.ts');
    return onCanvas({ type: 'comfy', version: 1, schema: shapeOfComfy, handles: handlesOfComfy });
  },
  composeImages: async () => {
    const { shapeOfLayers, handlesOfLayers } = await import('./image/compose/handles.ts');
    return onCanvas({ type: 'composeImages', version: 1, schema: shapeOfLayers, handles: handlesOfLayers });
  },
  switch: async () => whole((await import('./flow/switch/definition.ts')).switchNode),
  collect: async () => {
    const { shapeOfCollect, handlesOfCollect } = await import('./flow/collect/handles.ts');
    return onCanvas({ type: 'collect', version: 1, schema: shapeOfCollect, handles: handlesOfCollect });
  },
  http: async () => {
    const { shapeOfRequest, handlesOfRequest } = await import('./connect/http/handles.ts');
    return onCanvas({ type: 'http', version: 1, schema: shapeOfRequest, handles: handlesOfRequest });
  },
  code: async () => {
    const { shapeOfCode, handlesOfCode } = await import('./connect/code/handles.ts');
    return onCanvas({ type: 'code', version: 1, schema: shapeOfCode, handles: handlesOfCode });
  },
  save: async () => {
    const { shapeOfSave, handlesOfSave } = await import('./connect/save/handles.ts');
    return onCanvas({ type: 'save', version: 1, schema: shapeOfSave, handles: handlesOfSave });
  },
  approve: async () => {
    const { shapeOfApproval, handlesOfApproval } = await import('./flow/approve/handles.ts');
    return onCanvas({ type: 'approve', version: 1, schema: shapeOfApproval, handles: handlesOfApproval });
  },
  merge: async () => {
    const { shapeOfMerge, handlesOfMerge } = await import('./flow/merge/handles.ts');
    return onCanvas({ type: 'merge', version: 1, schema: shapeOfMerge, handles: handlesOfMerge });
  },
  callWorkflow: async () => {
    const { shapeOfCall, handlesOfCall } = await import('./flow/call-workflow/handles.ts');
    return onCanvas({ type: 'callWorkflow', version: 1, schema: shapeOfCall, handles: handlesOfCall });
  },
} satisfies Readonly<Record<string, () => Promise<CanvasDefinition>>>;

const loaded = new Map<string, CanvasDefinition>();

/** Those that have been loaded, looked up by `type`. */
export const canvasCatalogue: ReadonlyMap<string, CanvasDefinition> = loaded;

/** Loads what the canvas calls for nodes of these types; all of them where none are named. Once each; others need nothing. */
export async function loadCanvasDefinitions(types: Iterable<string> = Object.keys(loaders)): Promise<void> {
  const missing = [...new Set(types)].filter((type) => Object.hasOwn(loaders, type) && !loaded.has(type));
  await Promise.all(missing.map(async (type) => loaded.set(type, await loaders[type as keyof typeof loaders]())));
}
