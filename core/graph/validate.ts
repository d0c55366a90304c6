import type { z } from 'zod';
import type { ErrorCode } from '../errors/codes.ts';
import type { AnyNodeDefinition, NodeCatalogue } from '../node-type/definition.ts';
import { isConnectable } from '../node-type/values.ts';
import { annotationTypes, type Graph, type GraphEdge, type GraphNode } from './graph.ts';
import type { GraphLimits } from './limits.ts';
import { topologicalOrder } from './order.ts';
import { findHandle, structureOf, type GraphStructure } from './structure.ts';

/** One finding, precise enough to point at it on the canvas. */
export interface GraphProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly nodeIds?: readonly string[];
  readonly edgeIds?: readonly string[];
  /** Where in `data`, such as `nodes[2].data.ms`. */
  readonly path?: string;
}

/**
 * Everything that keeps a graph from being saved: size, identity, types,
 * handles, edges and cycles. A graph may still be incomplete; `validateForRun`
 * looks at that.
 *
 * All findings are returned, in the order of the graph; too large a graph is
 * not looked at any further. Linear in nodes and edges.
 */
export function validateGraph(graph: Graph, catalogue: NodeCatalogue, limits: GraphLimits): readonly GraphProblem[] {
  const tooLarge = checkSize(graph, limits);
  if (tooLarge.length > 0) return tooLarge;
  const problems = [...checkNodes(graph.nodes, catalogue), ...checkEdges(graph, catalogue, limits)];
  if (problems.some((problem) => problem.code === 'NODE_ID_DUPLICATE')) return problems;
  return [...problems, ...checkOrder(graph, catalogue, limits)];
}

function checkSize(graph: Graph, limits: GraphLimits): GraphProblem[] {
  const problems: GraphProblem[] = [];
  const check = (what: string, count: number, limit: number, path: string) => {
    if (count <= limit) return;
    problems.push({
      code: 'GRAPH_TOO_LARGE',
      message: `The graph has ${count} ${what}; the limit is ${limit}. Split it into several workflows.`,
      path,
    });
  };
  check('nodes', graph.nodes.length, limits.maxNodes, 'nodes');
  check('edges', graph.edges.length, limits.maxEdges, 'edges');
  return problems;
}

function* checkNodes(nodes: readonly GraphNode[], catalogue: NodeCatalogue): Generator<GraphProblem> {
  const seen = new Set<string>();
  for (const [index, node] of nodes.entries()) {
    if (seen.has(node.id)) {
      yield {
        code: 'NODE_ID_DUPLICATE',
        message: `Two nodes have the id "${node.id}". Give each node an id of its own.`,
        nodeIds: [node.id],
        path: `nodes[${index}].id`,
      };
    }
    seen.add(node.id);
    if (annotationTypes.has(node.type)) continue;
    const definition = catalogue.get(node.type);
    if (definition === undefined) {
      yield {
        code: 'NODE_TYPE_UNKNOWN',
        message: `Node "${node.id}" has the type "${node.type}", which does not exist. Known types: ${[...catalogue.keys()].join(', ')}.`,
        nodeIds: [node.id],
        path: `nodes[${index}].type`,
      };
      continue;
    }
    yield* checkConfig(node, definition, `nodes[${index}].data`);
  }
}

function* checkConfig(node: GraphNode, definition: AnyNodeDefinition, path: string): Generator<GraphProblem> {
  const parsed = definition.configSchema.safeParse(node.data);
  if (parsed.success) return;
  for (const issue of parsed.error.issues) {
    const field = fieldPath(issue);
    yield {
      code: 'NODE_DATA_INVALID',
      message: `Node "${node.id}" (${definition.title}): ${field || 'data'}: ${issue.message}`,
      nodeIds: [node.id],
      path: field ? `${path}.${field}` : path,
    };
  }
}

function fieldPath(issue: z.core.$ZodIssue): string {
  return issue.path.map(String).join('.');
}

function* checkEdges(graph: Graph, catalogue: NodeCatalogue, limits: GraphLimits): Generator<GraphProblem> {
  const nodes = new Map(graph.nodes.map((node, index) => [node.id, { node, index }]));
  const ids = new Set<string>();
  // Handles as numbers: a text for each edge would cost more than everything else here.
  const numberOf = (nodeId: string, handle: number) => nodes.get(nodeId)!.index * handlesPerNode + handle;
  const handles = graph.nodes.length * handlesPerNode;
  const connections = new Map<number, string>();
  const takenInputs = new Map<number, string>();
  const fanOut = new Map<string, number>();
  for (const [index, edge] of graph.edges.entries()) {
    if (ids.has(edge.id)) {
      yield {
        code: 'EDGE_ID_DUPLICATE',
        message: `Two edges have the id "${edge.id}". Give each edge an id of its own.`,
        edgeIds: [edge.id],
        path: `${edgePath(index)}.id`,
      };
    }
    ids.add(edge.id);
    const ends = yield* checkEnds(edge, nodes, catalogue, index);
    if (ends === null) continue;

    const input = numberOf(edge.target, ends.target.number);
    const connection = numberOf(edge.source, ends.source.number) * handles + input;
    const twin = connections.get(connection);
    if (twin !== undefined) {
      yield {
        code: 'EDGE_DUPLICATE',
        message: `Edges "${twin}" and "${edge.id}" join the same handles. Remove one.`,
        edgeIds: [twin, edge.id],
        nodeIds: [edge.source, edge.target],
        path: edgePath(index),
      };
      continue;
    }
    connections.set(connection, edge.id);

    const holder = takenInputs.get(input);
    if (holder !== undefined && ends.target.handle.many !== true) {
      yield {
        code: 'INPUT_TAKEN',
        message: `The input "${ends.target.handle.id}" of node "${edge.target}" takes one edge and has two: "${holder}" and "${edge.id}". Remove one.`,
        edgeIds: [holder, edge.id],
        nodeIds: [edge.target],
        path: edgePath(index),
      };
    }
    takenInputs.set(input, edge.id);

    const out = (fanOut.get(edge.source) ?? 0) + 1;
    fanOut.set(edge.source, out);
    if (out === limits.maxFanOut + 1) {
      yield {
        code: 'GRAPH_TOO_LARGE',
        message: `Node "${edge.source}" has more than ${limits.maxFanOut} outgoing edges, which is the limit.`,
        nodeIds: [edge.source],
        path: edgePath(index),
      };
    }
  }
}

/** More than any node type has. */
const handlesPerNode = 1_000;

function edgePath(index: number): string {
  return `edges[${index}]`;
}

interface EdgeEnds {
  readonly source: { readonly handle: AnyNodeDefinition['outputs'][number]; readonly number: number };
  readonly target: { readonly handle: AnyNodeDefinition['inputs'][number]; readonly number: number };
}

/** Checks both ends of one edge and returns their handles, or null where the edge joins nothing. */
function* checkEnds(
  edge: GraphEdge,
  nodes: ReadonlyMap<string, { readonly node: GraphNode }>,
  catalogue: NodeCatalogue,
  index: number,
): Generator<GraphProblem, EdgeEnds | null> {
  const edgeIds = [edge.id];
  const path = edgePath(index);
  if (edge.source === edge.target) {
    yield {
      code: 'EDGE_SELF',
      message: `Edge "${edge.id}" joins node "${edge.source}" to itself. Remove it.`,
      edgeIds,
      nodeIds: [edge.source],
      path,
    };
    return null;
  }
  const sourceNode = nodes.get(edge.source)?.node;
  const targetNode = nodes.get(edge.target)?.node;
  for (const [end, id, node] of [
    ['source', edge.source, sourceNode],
    ['target', edge.target, targetNode],
  ] as const) {
    if (node !== undefined && !annotationTypes.has(node.type)) continue;
    yield {
      code: 'EDGE_DANGLING',
      message:
        node === undefined
          ? `Edge "${edge.id}" has the ${end} "${id}", and there is no such node.`
          : `Edge "${edge.id}" has the ${end} "${id}", a ${node.type}, which cannot be connected.`,
      edgeIds,
      ...(node === undefined ? {} : { nodeIds: [id] }),
      path: `${path}.${end}`,
    };
  }
  const sourceDefinition = sourceNode && catalogue.get(sourceNode.type);
  const targetDefinition = targetNode && catalogue.get(targetNode.type);
  if (sourceDefinition === undefined || targetDefinition === undefined) return null;

  const source = findHandle(sourceDefinition.outputs, edge.sourceHandle);
  const target = findHandle(targetDefinition.inputs, edge.targetHandle);
  if (source === undefined) {
    yield unknownHandle(edge, 'output', edge.source, sourceDefinition, edge.sourceHandle, `${path}.sourceHandle`);
  }
  if (target === undefined) {
    yield unknownHandle(edge, 'input', edge.target, targetDefinition, edge.targetHandle, `${path}.targetHandle`);
  }
  if (source === undefined || target === undefined) return null;
  if (!isConnectable(source.dataType, target.dataType)) {
    yield {
      code: 'TYPE_MISMATCH',
      message: `Edge "${edge.id}" joins ${source.dataType} ("${edge.source}" ${source.id}) to ${target.dataType} ("${edge.target}" ${target.id}).`,
      edgeIds,
      nodeIds: [edge.source, edge.target],
      path,
    };
    return null;
  }
  return {
    source: { handle: source, number: sourceDefinition.outputs.indexOf(source) },
    target: { handle: target, number: targetDefinition.inputs.indexOf(target) },
  };
}

function unknownHandle(
  edge: GraphEdge,
  direction: 'input' | 'output',
  nodeId: string,
  definition: AnyNodeDefinition,
  name: string | null | undefined,
  path: string,
): GraphProblem {
  const known = (direction === 'input' ? definition.inputs : definition.outputs).map((handle) => handle.id);
  return {
    code: 'HANDLE_UNKNOWN',
    message:
      `Edge "${edge.id}" names ${name == null ? `no ${direction}` : `the ${direction} "${name}"`} of node "${nodeId}" (${definition.title}), ` +
      (known.length > 0 ? `which has: ${known.join(', ')}.` : `which has no ${direction}s.`),
    edgeIds: [edge.id],
    nodeIds: [nodeId],
    path,
  };
}

function checkOrder(graph: Graph, catalogue: NodeCatalogue, limits: GraphLimits): GraphProblem[] {
  const hasSelfEdges = graph.edges.some((edge) => edge.source === edge.target);
  const withoutSelfEdges = hasSelfEdges
    ? { ...graph, edges: graph.edges.filter((edge) => edge.source !== edge.target) }
    : graph;
  const structure = structureOf(withoutSelfEdges, catalogue);
  const { cycle, longestPath } = topologicalOrder(structure.dependencies, structure.dependents);
  if (cycle !== null) {
    return [
      {
        code: 'GRAPH_CYCLE',
        message: `The graph has a cycle: ${describeCycle(cycle)}. Remove one of its edges.`,
        nodeIds: cycle,
      },
    ];
  }
  if (longestPath > limits.maxChain) {
    return [
      {
        code: 'GRAPH_TOO_LARGE',
        message: `The longest path has ${longestPath} nodes; the limit is ${limits.maxChain}.`,
      },
    ];
  }
  return [];
}

/** Nodes of a cycle that a message names; `nodeIds` holds them all. More would not be read. */
const namedInCycle = 10;

function describeCycle(cycle: readonly string[]): string {
  const named = cycle.length > namedInCycle ? [...cycle.slice(0, namedInCycle - 1), '…', cycle.at(-1)] : cycle;
  const length = cycle.length > namedInCycle ? ` (${cycle.length} nodes)` : '';
  return `${[...named, cycle[0]].join(' -> ')}${length}`;
}

/**
 * What keeps the given nodes of a valid graph from running: inputs that must
 * be connected and are not, and config that is not complete.
 */
export function validateForRun(
  graph: Graph,
  nodeIds: ReadonlySet<string>,
  catalogue: NodeCatalogue,
  structure: GraphStructure = structureOf(graph, catalogue),
): readonly GraphProblem[] {
  const problems: GraphProblem[] = [];
  for (const [index, node] of graph.nodes.entries()) {
    const definition = catalogue.get(node.type);
    if (definition === undefined || !nodeIds.has(node.id)) continue;
    const path = `nodes[${index}].data`;
    const config = definition.configSchema.parse(node.data);
    const connected = new Set(structure.incoming.get(node.id)?.map((edge) => edge.targetHandle));
    for (const input of definition.inputs) {
      if (input.required !== true || connected.has(input.id)) continue;
      const field = input.configField;
      if (field !== undefined && isFilled(config[field])) continue;
      problems.push({
        code: 'INPUT_MISSING',
        message:
          `Node "${node.id}" (${definition.title}) needs its input "${input.id}": connect a node` +
          (field === undefined ? '.' : `, or fill in the field "${field}".`),
        nodeIds: [node.id],
        path: field === undefined ? path : `${path}.${field}`,
      });
    }
    for (const problem of definition.check?.(config, connected) ?? []) {
      problems.push({
        code: 'NODE_DATA_INVALID',
        message: `Node "${node.id}" (${definition.title}): ${problem.message}`,
        nodeIds: [node.id],
        path: `${path}.${problem.field}`,
      });
    }
  }
  return problems;
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' ? value.trim() !== '' : value !== undefined && value !== null;
}
