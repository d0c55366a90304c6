import type { z } from 'zod';
import type { AnyNodeDefinition, NodeCatalogue, NodeHandles } from '../node-type/definition.ts';
import { findHandle, findOutput, handlesOf, handlesOfNode } from '../node-type/handles.ts';
import { interfaceFindings } from '../interface/findings.ts';
import { isConnectable } from '../node-type/values.ts';
import { configOf, currentData, type NodeConfigs } from './config.ts';
import type { GraphFinding } from './findings.ts';
import { annotationTypes, type Graph, type GraphEdge, type GraphNode } from './graph.ts';
import type { GraphLimits } from './limits.ts';
import { eachFindings, listFindings, strayErrorFindings } from './list-findings.ts';
import { structureOf, type GraphStructure } from './structure.ts';

/**
 * Everything that keeps a graph from being saved: size, identity, types,
 * handles, edges and cycles. A graph may still be incomplete; `validateForRun`
 * looks at that.
 *
 * All findings are returned, in the order of the graph; too large a graph is
 * not looked at any further. Linear in nodes and edges.
 */
export function validateGraph(graph: Graph, catalogue: NodeCatalogue, limits: GraphLimits): readonly GraphFinding[] {
  return inspectGraph(graph, catalogue, limits).findings;
}

/** The same with the graph's structure, which is worth using where there are no findings: planning needs it next. */
export function inspectGraph(
  graph: Graph,
  catalogue: NodeCatalogue,
  limits: GraphLimits,
): { readonly findings: readonly GraphFinding[]; readonly structure: GraphStructure | null } {
  const tooLarge = checkSize(graph, limits);
  if (tooLarge.length > 0) return { findings: tooLarge, structure: null };
  const configs: NodeConfigs = new Map();
  const findings: GraphFinding[] = [];
  const complain = (finding: GraphFinding) => void findings.push(finding);
  checkNodes(graph.nodes, catalogue, configs, complain);
  findings.push(...interfaceFindings(graph, catalogue), ...eachFindings(graph));
  checkEdges(graph, { catalogue, configs, limits, complain });
  if (findings.some((finding) => finding.code === 'NODE_ID_DUPLICATE')) return { findings, structure: null };
  const structure = structureOf(withoutSelfEdges(graph), catalogue, configs);
  findings.push(...checkOrder(structure, limits), ...listFindings(graph, structure, catalogue));
  return { findings, structure };
}

type Complain = (finding: GraphFinding) => void;

function withoutSelfEdges(graph: Graph): Graph {
  if (!graph.edges.some((edge) => edge.source === edge.target)) return graph;
  return { ...graph, edges: graph.edges.filter((edge) => edge.source !== edge.target) };
}

function checkSize(graph: Graph, limits: GraphLimits): GraphFinding[] {
  const findings: GraphFinding[] = [];
  const check = (what: string, count: number, limit: number, path: string) => {
    if (count <= limit) return;
    findings.push({
      code: 'GRAPH_TOO_LARGE',
      message: `The graph has ${count} ${what}; the limit is ${limit}. Split it into several workflows.`,
      path,
    });
  };
  check('nodes', graph.nodes.length, limits.maxNodes, 'nodes');
  check('edges', graph.edges.length, limits.maxEdges, 'edges');
  return findings;
}

function checkNodes(
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
function nameOf({ id, data }: GraphNode, { title }: AnyNodeDefinition): string {
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

interface EdgeRules {
  readonly catalogue: NodeCatalogue;
  readonly configs: NodeConfigs;
  readonly limits: GraphLimits;
  readonly complain: Complain;
}

function checkEdges(graph: Graph, rules: EdgeRules): void {
  const { limits, complain } = rules;
  const nodes: IndexedNodes = new Map(graph.nodes.map((node, index) => [node.id, { node, index }]));
  const ids = new Set<string>();
  const inputs = new Map<number, EdgesOfInput>();
  const fanOut = new Map<string, number>();
  for (const [index, edge] of graph.edges.entries()) {
    if (ids.has(edge.id)) {
      complain({
        code: 'EDGE_ID_DUPLICATE',
        message: `Two edges have the id "${edge.id}". Give each edge a unique id.`,
        edgeIds: [edge.id],
        path: `${edgePath(index)}.id`,
      });
    }
    ids.add(edge.id);
    const ends = checkEnds(edge, nodes, rules, index);
    if (ends === null) continue;

    const known = inputs.get(ends.input);
    const twin = known && edgeFrom(known, ends.output);
    if (twin !== undefined) {
      complain({
        code: 'EDGE_DUPLICATE',
        message: `Edges "${twin}" and "${edge.id}" connect the same handles. Remove one.`,
        edgeIds: [twin, edge.id],
        nodeIds: [edge.source, edge.target],
        path: edgePath(index),
      });
      continue;
    }
    if (known === undefined) {
      inputs.set(ends.input, { outputs: [ends.output], edgeIds: [edge.id], byOutput: null });
    } else {
      if (ends.target.many !== true) {
        const holder = known.edgeIds.at(-1)!;
        complain({
          code: 'INPUT_TAKEN',
          message: `The input "${ends.target.id}" of node "${edge.target}" takes one edge and has two: "${holder}" and "${edge.id}". Remove one.`,
          edgeIds: [holder, edge.id],
          nodeIds: [edge.target],
          path: edgePath(index),
        });
      }
      addEdge(known, ends.output, edge.id);
    }

    const out = (fanOut.get(edge.source) ?? 0) + 1;
    fanOut.set(edge.source, out);
    if (out === limits.maxFanOut + 1) {
      complain({
        code: 'GRAPH_TOO_LARGE',
        message: `Node "${edge.source}" has more than ${limits.maxFanOut} outgoing edges, which is the limit. Remove some.`,
        nodeIds: [edge.source],
        path: edgePath(index),
      });
    }
  }
}

/** What comes into one input: outputs and edges in the order of the graph. */
interface EdgesOfInput {
  readonly outputs: number[];
  readonly edgeIds: string[];
  /** Once there are many: a list is searched faster than a map is made. */
  byOutput: Map<number, string> | null;
}

const shortList = 8;

function edgeFrom({ outputs, edgeIds, byOutput }: EdgesOfInput, output: number): string | undefined {
  if (byOutput !== null) return byOutput.get(output);
  const at = outputs.indexOf(output);
  return at === -1 ? undefined : edgeIds[at];
}

function addEdge(edges: EdgesOfInput, output: number, edgeId: string): void {
  edges.outputs.push(output);
  edges.edgeIds.push(edgeId);
  if (edges.byOutput !== null) edges.byOutput.set(output, edgeId);
  else if (edges.outputs.length > shortList) {
    edges.byOutput = new Map(edges.outputs.map((known, at) => [known, edges.edgeIds[at]!]));
  }
}

/** More than any node type has: handles are told apart by numbers, since a text for each would cost more than the rest. */
const handlesPerNode = 1_000;

function edgePath(index: number): string {
  return `edges[${index}]`;
}

type IndexedNodes = ReadonlyMap<string, { readonly node: GraphNode; readonly index: number }>;

interface EdgeEnds {
  readonly target: AnyNodeDefinition['inputs'][number];
  /** Numbers of the two handles among all of the graph. */
  readonly output: number;
  readonly input: number;
}

/** Checks both ends of one edge and returns their handles, or null where the edge joins nothing. */
function checkEnds(
  edge: GraphEdge,
  nodes: IndexedNodes,
  { catalogue, configs, complain }: EdgeRules,
  index: number,
): EdgeEnds | null {
  if (edge.source === edge.target) {
    complain({
      code: 'EDGE_SELF',
      message: `Edge "${edge.id}" connects node "${edge.source}" to itself. Remove it.`,
      edgeIds: [edge.id],
      nodeIds: [edge.source],
      path: edgePath(index),
    });
    return null;
  }
  const sourceNode = nodes.get(edge.source);
  const targetNode = nodes.get(edge.target);
  if (dangles(sourceNode?.node)) complain(danglingEdge(edge, 'source', sourceNode?.node, index));
  if (dangles(targetNode?.node)) complain(danglingEdge(edge, 'target', targetNode?.node, index));
  if (sourceNode === undefined || targetNode === undefined) return null;
  const sourceDefinition = catalogue.get(sourceNode.node.type);
  const targetDefinition = catalogue.get(targetNode.node.type);
  if (sourceDefinition === undefined || targetDefinition === undefined) return null;

  const from = handlesOfNode(sourceDefinition, sourceNode.node, configs);
  const to = handlesOfNode(targetDefinition, targetNode.node, configs);
  // Which handles such a node has cannot be told; that its data is wrong was said already.
  if (from === null || to === null) return null;
  const source = findOutput(from.outputs, edge.sourceHandle);
  const target = findHandle(to.inputs, edge.targetHandle);
  // A handle that came from the config goes with it. Its edges stay until they are mended, and only keep the node from running.
  if (source === undefined && areFixed(sourceDefinition, from, 'outputs'))
    complain(unknownHandle(edge, 'output', from, sourceDefinition, index));
  if (target === undefined && areFixed(targetDefinition, to, 'inputs'))
    complain(unknownHandle(edge, 'input', to, targetDefinition, index));
  if (source === undefined || target === undefined) return null;
  if (!isConnectable(source.dataType, target.dataType)) {
    complain({
      code: 'TYPE_MISMATCH',
      message: `Edge "${edge.id}" connects ${source.dataType} ("${edge.source}" ${source.id}) to ${target.dataType} ("${edge.target}" ${target.id}). Connect what fits.`,
      edgeIds: [edge.id],
      nodeIds: [edge.source, edge.target],
      path: edgePath(index),
    });
    return null;
  }
  return {
    target,
    output: sourceNode.index * handlesPerNode + from.outputs.indexOf(source),
    input: targetNode.index * handlesPerNode + to.inputs.indexOf(target),
  };
}

/** Whether every node of a type has these handles, whatever its config. */
function areFixed(definition: AnyNodeDefinition, handles: NodeHandles, side: 'inputs' | 'outputs'): boolean {
  return handles[side] === definition[side];
}

function dangles(node: GraphNode | undefined): boolean {
  return node === undefined || annotationTypes.has(node.type);
}

function danglingEdge(
  edge: GraphEdge,
  end: 'source' | 'target',
  node: GraphNode | undefined,
  index: number,
): GraphFinding {
  const id = edge[end];
  return {
    code: 'EDGE_DANGLING',
    message:
      node === undefined
        ? `Edge "${edge.id}" has the ${end} "${id}", which does not exist.`
        : `Edge "${edge.id}" has the ${end} "${id}", a ${node.type}, which cannot be connected.`,
    edgeIds: [edge.id],
    ...(node === undefined ? {} : { nodeIds: [id] }),
    path: `${edgePath(index)}.${end}`,
  };
}

function unknownHandle(
  edge: GraphEdge,
  direction: 'input' | 'output',
  handles: NodeHandles,
  { title }: AnyNodeDefinition,
  index: number,
): GraphFinding {
  const isInput = direction === 'input';
  const nodeId = isInput ? edge.target : edge.source;
  const name = isInput ? edge.targetHandle : edge.sourceHandle;
  const known = (isInput ? handles.inputs : handles.outputs).map((handle) => handle.id);
  return {
    code: 'HANDLE_UNKNOWN',
    message:
      `Edge "${edge.id}" names ${name == null ? `no ${direction}` : `the ${direction} "${name}"`} of node "${nodeId}" (${title}), ` +
      (known.length > 0 ? `which has: ${known.join(', ')}.` : `which has no ${direction}s.`),
    edgeIds: [edge.id],
    nodeIds: [nodeId],
    path: `${edgePath(index)}.${isInput ? 'targetHandle' : 'sourceHandle'}`,
  };
}

function checkOrder(structure: GraphStructure, limits: GraphLimits): GraphFinding[] {
  const { cycle, longestPath } = structure.order;
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
        message: `The longest path has ${longestPath} nodes; the limit is ${limits.maxChain}. Split it into several workflows.`,
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
 * What keeps the given nodes of a valid graph from running: edges whose handle
 * is gone, inputs that must be connected and are not, and config that is not complete.
 */
export function validateForRun(
  graph: Graph,
  nodeIds: ReadonlySet<string>,
  catalogue: NodeCatalogue,
  structure: GraphStructure = structureOf(graph, catalogue),
): readonly GraphFinding[] {
  const findings: GraphFinding[] = [
    ...brokenEdges(graph, nodeIds, catalogue, structure),
    ...strayErrorFindings(structure, catalogue, nodeIds),
  ];
  for (const [index, node] of graph.nodes.entries()) {
    const definition = catalogue.get(node.type);
    if (definition === undefined || !nodeIds.has(node.id)) continue;
    const path = `nodes[${index}].data`;
    const config = configOf(structure.configs, definition, node);
    const incoming = structure.incoming.get(node.id) ?? [];
    const connected = new Set<string>();
    for (const edge of incoming) connected.add(edge.targetHandle);
    for (const input of handlesOf(definition, config).inputs) {
      if (input.required !== true || connected.has(input.id)) continue;
      const field = input.configField;
      if (field !== undefined && isFilled(config[field])) continue;
      findings.push({
        code: 'INPUT_MISSING',
        message:
          `${nameOf(node, definition)} needs its input "${input.title}" (${input.id}): connect a node` +
          (field === undefined ? '.' : `, or fill in the field "${field}".`),
        nodeIds: [node.id],
        path: field === undefined ? path : `${path}.${field}`,
      });
    }
    for (const finding of definition.check?.(config, connected) ?? []) {
      findings.push({
        code: 'NODE_DATA_INVALID',
        message: `${nameOf(node, definition)}: ${finding.message}`,
        nodeIds: [node.id],
        path: `${path}.${finding.field}`,
      });
    }
  }
  return findings;
}

/** Edges between the given nodes and others whose handle went with the config that made it. */
function brokenEdges(
  graph: Graph,
  nodeIds: ReadonlySet<string>,
  catalogue: NodeCatalogue,
  { broken, nodes, configs }: GraphStructure,
): GraphFinding[] {
  return broken.flatMap((index) => {
    const edge = graph.edges[index]!;
    if (!nodeIds.has(edge.source) && !nodeIds.has(edge.target)) return [];
    return (['output', 'input'] as const).flatMap((direction) => {
      const node = nodes.get(direction === 'output' ? edge.source : edge.target)!;
      const definition = catalogue.get(node.type)!;
      const handles = handlesOf(definition, configOf(configs, definition, node));
      const isThere =
        direction === 'output'
          ? findOutput(handles.outputs, edge.sourceHandle)
          : findHandle(handles.inputs, edge.targetHandle);
      if (isThere !== undefined) return [];
      const finding = unknownHandle(edge, direction, handles, definition, index);
      return [{ ...finding, message: `${finding.message} Connect it to another one, or remove it.` }];
    });
  });
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' ? value.trim() !== '' : value !== undefined && value !== null;
}
