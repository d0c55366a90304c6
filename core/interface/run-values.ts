import type { GraphNode } from '../graph/graph.ts';
import type { NodeCatalogue } from '../node-type/definition.ts';
import { currentData } from '../graph/config.ts';
import { heldValue } from './inputs.ts';
import { outputName } from './outputs.ts';
import { inputSettingsSchema } from './settings.ts';

/** Values by name. */
export type NamedValues = Readonly<Record<string, unknown>>;

/**
 * The inputs of a run by name, as its frozen graph has them: files by their address.
 *
 * @param nodes at least those of the graph that are marked
 */
export function inputsOfRun(nodes: readonly GraphNode[], catalogue: NodeCatalogue): NamedValues {
  return Object.fromEntries(
    nodes.flatMap((node) => {
      const definition = catalogue.get(node.type);
      const settings = inputSettingsSchema.safeParse(node.data['input']);
      if (definition?.value === undefined || !settings.success) return [];
      const config = definition.configSchema.safeParse(currentData(definition, node));
      const value = config.success ? heldValue(definition.value, config.data) : undefined;
      return value === undefined ? [] : [[settings.data.name, value]];
    }),
  );
}

/** The results of a run by name, as far as there are any. `outputsOf`: what a node has put out, null where nothing. */
export function outputsOfRun(
  nodes: readonly GraphNode[],
  outputsOfNode: (nodeId: string) => NamedValues | null,
): NamedValues {
  return Object.fromEntries(
    nodes.flatMap((node) => {
      const name = outputName(node);
      const outputs = name === null ? null : outputsOfNode(node.id);
      return outputs !== null && Object.hasOwn(outputs, 'output') ? [[name, outputs['output']]] : [];
    }),
  );
}
