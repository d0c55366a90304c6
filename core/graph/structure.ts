import type { AnyNodeDefinition, NodeCatalogue, NodeHandles } from '../node-type/definition.ts';
import { findHandle, findOutput, handlesOfNode } from '../node-type/handles.ts';
import type { NodeConfigs } from './config.ts';
import { annotationTypes, type Graph, type GraphEdge, type GraphNode } from './graph.ts';
import { topologicalOrder, type TopologicalOrder } from './order.ts';

/** An edge with the handles it really joins. */
export interface ResolvedEdge {
  readonly id: string;
  readonly source: string;
  readonly sourceHandle: string;
  readonly target: string;
  readonly targetHandle: string;
  /** Whether the elements of a list go along one by one where both ways fit, as people have set it. Default: all together. */
  readonly each?: boolean;
}

/** A valid graph, indexed once: what validation, planning and execution read. */
export interface GraphStructure {
  /** Executable nodes by id, in the order of the graph. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: readonly ResolvedEdge[];
  /** Places in the graph's list of edges whose handle is not there, or not any more; they carry nothing. */
  readonly broken: readonly number[];
  /** Edges by target node, in edge order. */
  readonly incoming: ReadonlyMap<string, readonly ResolvedEdge[]>;
  /** Ids of the nodes that a node waits for, without repetition. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** Ids of the nodes that wait for a node, without repetition. */
  readonly dependents: ReadonlyMap<string, readonly string[]>;
  /** Worked out when it is first asked for. */
  readonly order: TopologicalOrder;
  /** Those that were asked for so far; see `configOf`. */
  readonly configs: NodeConfigs;
}

/**
 * Indexes a graph that has passed `validateGraph`; edges that join nothing known are left out.
 *
 * @param configs of its nodes, as far as they were parsed already
 */
export function structureOf(graph: Graph, catalogue: NodeCatalogue, configs: NodeConfigs = new Map()): GraphStructure {
  const nodes = new Map<string, GraphNode>();
  const definitions = new Map<string, AnyNodeDefinition>();
  for (const node of graph.nodes) {
    const definition = catalogue.get(node.type);
    if (annotationTypes.has(node.type) || definition === undefined) continue;
    nodes.set(node.id, node);
    definitions.set(node.id, definition);
  }
  const edges: ResolvedEdge[] = [];
  const broken: number[] = [];
  const incoming = new Map<string, ResolvedEdge[]>();
  const dependencies = new Map<string, string[]>();
  const dependents = new Map<string, string[]>();
  for (const id of nodes.keys()) {
    incoming.set(id, []);
    dependencies.set(id, []);
    dependents.set(id, []);
  }
  const addPair = pairsOnce(dependencies, dependents);
  for (const [index, edge] of graph.edges.entries()) {
    const resolved = resolveEdge(edge, { nodes, definitions, configs });
    if (resolved === null) {
      if (nodes.has(edge.source) && nodes.has(edge.target)) broken.push(index);
      continue;
    }
    edges.push(resolved);
    incoming.get(resolved.target)?.push(resolved);
    addPair(resolved.source, resolved.target);
  }
  let order: TopologicalOrder | undefined;
  return {
    nodes,
    edges,
    broken,
    incoming,
    dependencies,
    dependents,
    get order() {
      return (order ??= topologicalOrder(dependencies, dependents));
    },
    configs,
  };
}

interface Ends {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly definitions: ReadonlyMap<string, AnyNodeDefinition>;
  readonly configs: NodeConfigs;
}

function resolveEdge(edge: GraphEdge, ends: Ends): ResolvedEdge | null {
  const source = findOutput(handlesAt(edge.source, ends)?.outputs ?? [], edge.sourceHandle);
  const target = findHandle(handlesAt(edge.target, ends)?.inputs ?? [], edge.targetHandle);
  if (source === undefined || target === undefined) return null;
  const each = eachOf(edge);
  return {
    id: edge.id,
    source: edge.source,
    sourceHandle: source.id,
    target: edge.target,
    targetHandle: target.id,
    ...(each !== undefined && { each }),
  };
}

function eachOf({ data }: GraphEdge): boolean | undefined {
  const each =
    typeof data === 'object' && data !== null && Object.hasOwn(data, 'each')
      ? (data as { each?: unknown }).each
      : undefined;
  return typeof each === 'boolean' ? each : undefined;
}

function handlesAt(id: string, { nodes, definitions, configs }: Ends): NodeHandles | null {
  const definition = definitions.get(id);
  return definition === undefined ? null : handlesOfNode(definition, nodes.get(id)!, configs);
}

/** A list of this length is searched faster than a set is made. */
const shortList = 8;

/** Adds each pair of nodes once to both lists, however many edges join the two. */
function pairsOnce(
  dependencies: ReadonlyMap<string, string[]>,
  dependents: ReadonlyMap<string, string[]>,
): (source: string, target: string) => void {
  const long = new Map<string, Set<string>>();

  function isKnown(source: string, target: string, sources: string[]): boolean {
    if (sources.length <= shortList) return sources.includes(source);
    let known = long.get(target);
    if (known === undefined) long.set(target, (known = new Set(sources)));
    if (known.has(source)) return true;
    known.add(source);
    return false;
  }

  return (source, target) => {
    const sources = dependencies.get(target);
    if (sources === undefined || isKnown(source, target, sources)) return;
    sources.push(source);
    dependents.get(source)?.push(target);
  };
}
