import type { AnyNodeDefinition, NodeCatalogue, NodeHandles } from '../node-type/definition.ts';
import { findHandle, findOutput, handlesOfNode } from '../node-type/handles.ts';
import { isConnectable } from '../node-type/values.ts';
import type { NodeConfigs } from './config.ts';
import type { Complain, GraphFinding } from './findings.ts';
import { annotationTypes, type Graph, type GraphEdge, type GraphNode } from './graph.ts';
import type { GraphLimits } from './limits.ts';

/** What edges are held against. */
export interface EdgeRules {
  readonly catalogue: NodeCatalogue;
  readonly configs: NodeConfigs;
  readonly limits: GraphLimits;
  readonly complain: Complain;
}

/** Identity, ends, types and number of the edges, in the order of the graph. */
export function checkEdges(graph: Graph, rules: EdgeRules): void {
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

/** An edge that names a handle its node does not have. */
export function unknownHandle(
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
