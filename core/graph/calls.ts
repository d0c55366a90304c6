import { inputsOf } from '../interface/inputs.ts';
import { outputsOf } from '../interface/outputs.ts';
import type { CalledWorkflow, NodeCatalogue } from '../node-type/definition.ts';
import type { CallContract } from './call-contract.ts';
import { currentData } from './config.ts';
import { graphSchema, isTurnedOff, type Graph, type GraphNode } from './graph.ts';

/** Calls within one another that a run may have. */
export const maxCallDepth = 8;

/** What a version of a workflow takes and gives, for a node that calls it. */
export function callContractOf(
  { name, version, data }: { readonly name: string; readonly version: number; readonly data: Graph },
  catalogue: NodeCatalogue,
): CallContract {
  return {
    name,
    version,
    inputs: inputsOf(data, catalogue).map((input) => ({
      name: input.name,
      title: input.settings.label?.trim() || input.name,
      dataType: input.dataType,
      required: input.fallback === undefined,
    })),
    outputs: outputsOf(data, catalogue).map(({ name: id, label, dataType }) => ({
      name: id,
      title: label ?? id,
      dataType,
    })),
  };
}

/** A node that calls a workflow. */
export interface CallingNode {
  readonly node: GraphNode;
  readonly called: CalledWorkflow;
}

/** The nodes of a graph that call a workflow; without those that are turned off, or where none is chosen yet. */
export function callsIn({ nodes }: Pick<Graph, 'nodes'>, catalogue: NodeCatalogue): readonly CallingNode[] {
  return nodes.flatMap((node) => {
    const definition = catalogue.get(node.type);
    if (definition?.calls === undefined || isTurnedOff(node)) return [];
    const config = definition.configSchema.safeParse(currentData(definition, node));
    const called = config.success ? definition.calls(config.data) : null;
    return called === null ? [] : [{ node, called }];
  });
}

/** The graph of a workflow that is called, of the frozen graph of a run; null where that has none of this name. */
export function calledGraph(graph: Graph, name: string): Graph | null {
  const { calls } = graph as { calls?: unknown };
  if (typeof calls !== 'object' || calls === null || !Object.hasOwn(calls, name)) return null;
  return graphSchema.safeParse((calls as Readonly<Record<string, unknown>>)[name]).data ?? null;
}

/** A workflow that a run pinned: of which version, and the name of its graph. */
export interface PinnedCall {
  readonly graph: string;
  readonly contract: CallContract;
}

/** A graph whose nodes know which graphs they call; what they knew of that before is gone. */
export function pinNodes(graph: Graph, pinned: ReadonlyMap<string, PinnedCall>): Graph {
  if (pinned.size === 0) return graph;
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      const call = pinned.get(node.id);
      if (call === undefined) return node;
      const { contract, graph: name } = call;
      return { ...node, data: { ...node.data, version: contract.version, contract, graph: name } };
    }),
  };
}
