import type { NodeConfig, NodeConfigs } from '../graph/config.ts';
import { currentData } from '../graph/config.ts';
import type { GraphNode } from '../graph/graph.ts';
import { errorOutputId } from '../run/edges.ts';
import type { AnyNodeDefinition, InputHandle, NodeHandles, OutputHandle } from './definition.ts';

/** Every node has it besides its own. Connected, it handles a failure: it gives `{ code, message, attempts }`. */
export const errorOutput: OutputHandle = { id: errorOutputId, title: 'Error', dataType: 'json' };

/** The output of the first node of what is repeated: why elements of the list failed. */
export const errorsOutputId = 'errors';

/** Each element has `{ index, key, code, message, attempts }`. */
export const errorsOutput: OutputHandle = { id: errorsOutputId, title: 'Errors', dataType: 'list<json>' };

/** Handles by config: a graph asks for those of one node once for each of its edges. */
const known = new WeakMap<NodeConfig, NodeHandles>();

/** The handles of a node with this config. */
export function handlesOf(definition: AnyNodeDefinition, config: NodeConfig): NodeHandles {
  if (definition.handles === undefined) return definition;
  let handles = known.get(config);
  if (handles === undefined) known.set(config, (handles = definition.handles(config)));
  return handles;
}

/** The handles of a node of a graph. Null where they follow from its `data` and that does not fit the schema. */
export function handlesOfNode(
  definition: AnyNodeDefinition,
  node: GraphNode,
  configs: NodeConfigs,
): NodeHandles | null {
  if (definition.handles === undefined) return definition;
  let config = configs.get(node.id);
  if (config === undefined) {
    const parsed = definition.configSchema.safeParse(currentData(definition, node));
    if (!parsed.success) return null;
    configs.set(node.id, (config = parsed.data));
  }
  return handlesOf(definition, config);
}

/** The handle an edge end means: by name, or where no name is given the only one that need not be named. */
export function findHandle<Handle extends InputHandle | OutputHandle>(
  handles: readonly Handle[],
  name: string | null | undefined,
): Handle | undefined {
  if (name === null || name === undefined) {
    const meant = handles.filter((handle) => !('onlyByName' in handle && handle.onlyByName === true));
    return meant.length === 1 ? meant[0] : undefined;
  }
  return handles.find((handle) => handle.id === name);
}

/** The output an edge begins at: as `findHandle`, or one of the two for errors. */
export function findOutput(
  outputs: readonly OutputHandle[],
  name: string | null | undefined,
): OutputHandle | undefined {
  const own = findHandle(outputs, name);
  if (own !== undefined) return own;
  return name === errorOutputId ? errorOutput : name === errorsOutputId ? errorsOutput : undefined;
}
