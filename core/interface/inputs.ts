import { isListType, type DataType } from '../data-types/table.ts';
import { currentData, type NodeConfig } from '../graph/config.ts';
import { isTurnedOff, type Graph, type GraphNode } from '../graph/graph.ts';
import type { AnyNodeDefinition, HeldValue, NodeCatalogue } from '../node-type/definition.ts';
import { handlesOf } from '../node-type/handles.ts';
import type { JsonValue } from '../node-type/values.ts';
import { inputSettingsSchema, isMarked, type InputSettings } from './settings.ts';

/** An input of a workflow: a node that holds a value, marked and named. */
export interface WorkflowInput {
  readonly nodeId: string;
  readonly name: string;
  readonly dataType: DataType;
  readonly settings: InputSettings;
  /** Where in the node's `data` its value is. */
  readonly held: HeldValue;
  /** What there is to choose from; null where anything of the type will do. */
  readonly options: readonly string[] | null;
  /** What counts where a run does not give it; undefined where a run has to. */
  readonly fallback: JsonValue | undefined;
}

/**
 * The inputs of a workflow in the order of its graph. Nodes that are turned off, or marked in a way that has findings, are
 * none. Linear in nodes; a graph without marks costs a look at each.
 */
export function inputsOf(graph: Pick<Graph, 'nodes'>, catalogue: NodeCatalogue): readonly WorkflowInput[] {
  return graph.nodes.flatMap((node) => {
    if (!isMarked(node.data) || isTurnedOff(node)) return [];
    const definition = catalogue.get(node.type);
    const settings = inputSettingsSchema.safeParse(node.data['input']);
    const input = definition === undefined || !settings.success ? null : inputOf(node, definition, settings.data);
    return input === null ? [] : [input];
  });
}

/** The input that a marked node is; null where nodes of its type hold no value, or its `data` has findings. */
export function inputOf(node: GraphNode, definition: AnyNodeDefinition, settings: InputSettings): WorkflowInput | null {
  const held = definition.value;
  if (held === undefined) return null;
  const config = definition.configSchema.safeParse(currentData(definition, node));
  const output = config.success ? handlesOf(definition, config.data).outputs[0] : undefined;
  if (!config.success || output === undefined) return null;
  const options = optionsOf(held, config.data);
  const own = heldValue(held, config.data);
  // What has to be chosen or uploaded first is no value yet, nor is a list that nobody has put anything into.
  const isEmpty = isListType(output.dataType) && Array.isArray(own) && own.length === 0;
  const isValue = own !== undefined && !isEmpty && (options === null || options.includes(String(own)));
  return {
    nodeId: node.id,
    name: settings.name,
    dataType: output.dataType,
    settings,
    held,
    options,
    fallback:
      settings.default !== undefined
        ? (settings.default as JsonValue)
        : isValue && settings.required !== true
          ? own
          : undefined,
  };
}

/** The value that a node holds: of files, where the file is. Undefined where it holds none yet. */
export function heldValue({ field, fileField }: HeldValue, data: NodeConfig): JsonValue | undefined {
  if (fileField === undefined) return ownMember(data, field) as JsonValue | undefined;
  const file = ownMember(data, fileField);
  const address = ownMember(typeof file === 'object' && file !== null ? file : {}, 'url') ?? ownMember(data, field);
  return typeof address === 'string' && address.trim() !== '' ? address : undefined;
}

function optionsOf({ optionsField }: HeldValue, config: NodeConfig): readonly string[] | null {
  const options = optionsField === undefined ? undefined : ownMember(config, optionsField);
  return Array.isArray(options) ? [...new Set(options.map(String))] : null;
}

function ownMember(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
