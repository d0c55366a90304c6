import { isListType, listOf, partsOf, type DataType } from '../data-types/table.ts';
import type { InputHandle, NodeCatalogue, NodeHandles, OutputHandle } from '../node-type/definition.ts';
import { errorsOutput, errorsOutputId, findOutput, handlesOfNode } from '../node-type/handles.ts';
import { pairLoops, type LoopGraph, type PairedLoop } from './pair-loops.ts';
import type { GraphStructure, ResolvedEdge } from './structure.ts';

/*
 * Where a list meets an input that takes one value, the node is executed once per element: it is mapped. All of this
 * follows from types and connections, before a run and without a look at values. A mapped node has a depth: how many
 * lists stand around what it puts out. What comes in along an edge is a list within as many lists as its source is deep
 * and its output says; the outermost of them are gone through one by one, as many as the edge maps, and
 * the rest arrives as a list.
 */

/** A graph as far as it is known which lists meet which inputs. */
export interface MappableGraph {
  /** Node ids, dependencies first; what is on a cycle is left out. */
  readonly order: readonly string[];
  readonly incoming: ReadonlyMap<string, readonly ResolvedEdge[]>;
  /** Null where the handles of a node cannot be told. */
  handlesOf(nodeId: string): NodeHandles | null;
  /** Default: there are no loops. */
  readonly roleOf?: LoopGraph['roleOf'];
}

/** Which nodes a graph executes once per element, and what its edges carry. */
export interface Mapping {
  /** How many lists a node is executed per element of, each within the one before. 0: it is executed once. */
  depthOf(nodeId: string): number;
  /** The same for one output: the list of what failed is put together outside of the repetitions that it is about. */
  innerDepthOf(nodeId: string, output: string): number;
  /** Whether an output is the list of what failed, and not one that the node itself calls so. */
  isOfErrors(nodeId: string, output: string): boolean;
  /** How many lists, the outermost first, an edge hands over element by element. 0: it hands over all it carries. */
  mapsOf(edgeId: string): number;
  /** The type of an output as it is within one execution of its node; undefined where there is no such output. */
  typeOf(nodeId: string, output: string): DataType | undefined;
  /** The type of what an output carries to nodes that are not repeated with it: lists around its own type. */
  carriedType(nodeId: string, output: string): DataType | undefined;
  /** No node is mapped. */
  readonly isPlain: boolean;
  /** The type of no output follows what is connected. */
  readonly isFixed: boolean;
}

const known = new WeakMap<GraphStructure, Mapping>();

/** The mapping of a valid graph. Linear in nodes and edges; worked out once per structure. */
export function mappingOf(structure: GraphStructure, catalogue: NodeCatalogue): Mapping {
  let mapping = known.get(structure);
  if (mapping === undefined) known.set(structure, (mapping = mapGraph(mappable(structure, catalogue))));
  return mapping;
}

function mappable({ order, incoming, nodes, configs }: GraphStructure, catalogue: NodeCatalogue): MappableGraph {
  return {
    order: order.order,
    incoming,
    roleOf: (id) => catalogue.get(nodes.get(id)!.type)?.loop,
    handlesOf(id) {
      const node = nodes.get(id);
      const definition = node === undefined ? undefined : catalogue.get(node.type);
      return definition === undefined ? null : handlesOfNode(definition, node!, configs);
    },
  };
}

/** What arrives along one edge at its node. */
interface Arrival {
  readonly input: string;
  readonly type: DataType;
}

/** Works out which nodes are mapped, in one walk along the order. */
export function mapGraph({ order, incoming, handlesOf, roleOf = () => undefined }: MappableGraph): Mapping {
  const depths = new Map<string, number>();
  const maps = new Map<string, number>();
  const types = new Map<string, ReadonlyMap<string, DataType>>();
  const lists = order.some(
    (id) =>
      (handlesOf(id)?.outputs ?? []).some(({ dataType }) => isListType(dataType)) ||
      incoming.get(id)?.some(({ sourceHandle }) => sourceHandle === errorsOutputId) === true,
  );
  const { loops } = lists ? pairLoops({ order, incoming, roleOf }) : { loops: [] };
  let isFixed = true;
  // Most graphs have no lists, and are not looked at any further.
  for (const id of lists ? order : []) {
    const handles = handlesOf(id);
    if (handles === null) continue;
    const arrivals: Arrival[] = [];
    for (const edge of incoming.get(id) ?? []) {
      const input = handles.inputs.find((handle) => handle.id === edge.targetHandle);
      const offered = carriedType(edge.source, edge.sourceHandle);
      if (input === undefined || offered === undefined) continue;
      const mapped = Math.max(
        countMapped(input, offered, depths.get(edge.source) ?? 0, edge.each),
        edge.each === undefined ? elementsInLoop(input, offered, loops, edge, depths) : 0,
      );
      if (mapped > 0) {
        maps.set(edge.id, mapped);
        depths.set(id, Math.max(depths.get(id) ?? 0, mapped));
      }
      const { element, depth } = partsOf(offered);
      // In a loop, what arrives may be gone through more deeply than its own type is a list.
      arrivals.push({ input: input.id, type: listOf(element, Math.max(0, depth - mapped)) });
    }
    if (handles.outputs.some(({ follows }) => follows !== undefined)) {
      isFixed = false;
      types.set(id, new Map(handles.outputs.map((output) => [output.id, followed(output, arrivals)])));
    }
  }
  return {
    isPlain: depths.size === 0,
    isFixed,
    depthOf: (id) => depths.get(id) ?? 0,
    innerDepthOf,
    isOfErrors,
    mapsOf: (id) => maps.get(id) ?? 0,
    typeOf,
    carriedType,
  };

  function isOfErrors(nodeId: string, output: string): boolean {
    return output === errorsOutputId && findOutput(handlesOf(nodeId)?.outputs ?? [], output) === errorsOutput;
  }

  function innerDepthOf(nodeId: string, output: string): number {
    const depth = depths.get(nodeId) ?? 0;
    return depth > 0 && isOfErrors(nodeId, output) ? depth - 1 : depth;
  }

  function typeOf(nodeId: string, output: string): DataType | undefined {
    const resolved = types.get(nodeId)?.get(output);
    return resolved ?? findOutput(handlesOf(nodeId)?.outputs ?? [], output)?.dataType;
  }

  function carriedType(nodeId: string, output: string): DataType | undefined {
    const type = typeOf(nodeId, output);
    return type === undefined ? undefined : listOf(type, innerDepthOf(nodeId, output));
  }
}

/**
 * How many of the lists that come in along an edge are gone through one by one.
 *
 * @param depth of the source
 * @param each as the edge has it set
 */
function countMapped(input: InputHandle, offered: DataType, depth: number, each: boolean | undefined): number {
  const { depth: lists } = partsOf(offered);
  if (lists === 0) return 0;
  switch (fitOf(input, offered)) {
    case 'each':
      return lists;
    case 'whole':
      // An input that takes anything never maps by itself; told to, it stays with its source.
      return each === true ? Math.max(1, depth) : 0;
    case 'together':
      return each === true ? lists : lists - 1;
    case 'either':
      return each === false ? lists - 1 : lists;
    case 'list':
      return Math.max(0, lists - partsOf(input.dataType).depth);
  }
}

/**
 * A loop that is gone through for each element is about that element, whatever the inputs within it take: so many lists stay
 * gone through along an edge within one.
 */
function elementsInLoop(
  input: InputHandle,
  offered: DataType,
  loops: readonly PairedLoop[],
  { source, target }: ResolvedEdge,
  depths: ReadonlyMap<string, number>,
): number {
  if (partsOf(offered).depth === 0) return 0;
  const fit = fitOf(input, offered);
  if (fit !== 'whole' && fit !== 'together') return 0;
  const around = loops.filter(({ nodes, end }) => source !== end && nodes.includes(source) && nodes.includes(target));
  return Math.max(0, ...around.map(({ begin }) => depths.get(begin) ?? 0));
}

/**
 * How an input takes lists.
 * - `each`: one by one alone. `list`: all together alone.
 * - `whole`: whatever it is, together; one by one where the edge says so.
 * - `together`: a list together with what other edges bring; one by one where the edge says so.
 * - `either`: one by one; together where the edge says so.
 */
export type ListFit = 'each' | 'list' | 'whole' | 'together' | 'either';

/** How an input takes lists of this type. */
export function fitOf({ dataType, many }: Pick<InputHandle, 'dataType' | 'many'>, offered: DataType): ListFit {
  const { element, depth } = partsOf(dataType);
  if (many === true) return 'together';
  if (depth > 0) return 'list';
  if (element === 'any') return 'whole';
  // A list without files can be data as it is.
  return element === 'json' && partsOf(offered).element !== 'any' ? 'either' : 'each';
}

/** The type of an output within one execution of its node. */
function followed({ dataType, follows }: OutputHandle, arrivals: readonly Arrival[]): DataType {
  if (follows === undefined) return dataType;
  const parts = arrivals.filter(({ input }) => input === follows.input).map(({ type }) => partsOf(type));
  const [first] = parts;
  if (first === undefined) return dataType;
  const element = parts.every((other) => other.element === first.element) ? first.element : 'any';
  if (follows.as === 'element') return element;
  if (follows.as === 'list') return listOf(element, 1);
  if (follows.as === 'alone' && parts.length > 1) return dataType;
  const isAlike = parts.every(({ depth }) => depth === first.depth);
  if (follows.as === 'values') return isAlike ? listOf(element, first.depth + 1) : dataType;
  const isSame = first.depth > 0 && isAlike;
  return isSame ? listOf(element, first.depth) : dataType;
}
