import { partsOf, type DataType } from '../../core/data-types/table.ts';
import { fitOf, mapGraph, type Mapping } from '../../core/graph/mapping.ts';
import { nestLoops, pairLoops, type NestedLoop, type PairedLoop } from '../../core/graph/pair-loops.ts';
import { firstRepeated } from '../../core/graph/regions.ts';
import { topologicalOrder } from '../../core/graph/order.ts';
import type { ResolvedEdge } from '../../core/graph/structure.ts';
import { findHandle, findOutput } from '../../core/node-type/handles.ts';
import { indexNodes, isSameContent, type CanvasEdge, type CanvasNode } from './canvas-graph.ts';
import { infoOf, type Catalogue } from './catalogue.ts';

/** What is on the canvas. */
interface DrawnGraph {
  readonly nodes: readonly CanvasNode[];
  readonly edges: readonly CanvasEdge[];
}

interface Repetitions {
  readonly mapping: Mapping;
  readonly loops: readonly PairedLoop[];
  /** Nodes that list what failed. */
  readonly first: ReadonlySet<string>;
}

interface Known extends Repetitions {
  readonly graph: DrawnGraph;
  readonly catalogue: Catalogue;
}

const byNodes = new WeakMap<readonly CanvasNode[], Known>();
const byEdges = new WeakMap<readonly CanvasEdge[], Known>();

/**
 * Which nodes of the canvas are executed once per element of a list, and what its edges carry. Worked out once for each
 * content: where nodes lie makes no difference, so it stays while one is dragged.
 */
export function listsOf(graph: DrawnGraph, catalogue: Catalogue): Mapping {
  return repetitionsOf(graph, catalogue).mapping;
}

/** The loops of the canvas that are whole, outer ones first; worked out with what lists do. */
export function loopsIn(graph: DrawnGraph, catalogue: Catalogue): readonly PairedLoop[] {
  return repetitionsOf(graph, catalogue).loops;
}

/** Whether a node has a list of what failed: the first of what is executed once per element of a list. */
export function listsErrors(graph: DrawnGraph, catalogue: Catalogue, nodeId: string): boolean {
  return repetitionsOf(graph, catalogue).first.has(nodeId);
}

function repetitionsOf(graph: DrawnGraph, catalogue: Catalogue): Repetitions {
  const { nodes, edges } = graph;
  const last = byNodes.get(nodes);
  if (last?.graph.edges === edges && last.catalogue === catalogue) return last;
  const before = byEdges.get(edges);
  const isSame =
    before !== undefined &&
    before.catalogue === catalogue &&
    before.graph.nodes.length === nodes.length &&
    before.graph.nodes.every((node, index) => isSameContent(node, nodes[index]));
  const { mapping, loops, first } = isSame ? before : mapDrawn(graph, catalogue);
  const known = { graph, catalogue, mapping, loops, first };
  byNodes.set(nodes, known);
  byEdges.set(edges, known);
  return known;
}

function mapDrawn({ nodes, edges }: DrawnGraph, catalogue: Catalogue): Repetitions {
  const infos = new Map(nodes.flatMap((node) => [[node.id, infoOf(catalogue, node)] as const]));
  const [incoming, dependencies, dependents] = [
    new Map<string, ResolvedEdge[]>(),
    new Map<string, string[]>(),
    new Map<string, string[]>(),
  ];
  for (const { id } of nodes) {
    incoming.set(id, []);
    dependencies.set(id, []);
    dependents.set(id, []);
  }
  for (const { id, source, sourceHandle, target, targetHandle, data } of edges) {
    const output = findOutput(infos.get(source)?.outputs ?? [], sourceHandle);
    const input = findHandle(infos.get(target)?.inputs ?? [], targetHandle);
    if (output === undefined || input === undefined) continue;
    const each = data?.['each'];
    incoming.get(target)?.push({
      id,
      source,
      sourceHandle: output.id,
      target,
      targetHandle: input.id,
      ...(typeof each === 'boolean' && { each }),
    });
    dependencies.get(target)?.push(source);
    dependents.get(source)?.push(target);
  }
  const { order } = topologicalOrder(dependencies, dependents);
  const drawn = { order, incoming, roleOf: (id: string) => infos.get(id)?.loop };
  const mapping = mapGraph({ ...drawn, handlesOf: (id) => infos.get(id) ?? null });
  const { loops } = pairLoops(drawn);
  const first = new Set(
    firstRepeated({ incoming, order: { order } }, mapping, nestLoops(loops) as readonly NestedLoop[]),
  );
  return { mapping, loops, first };
}

/** What a person has to know of an edge: what one execution hands over along it, and whether that could be otherwise. */
export interface EdgeLists {
  readonly type: DataType;
  /** Its elements go along one by one, each to an execution of its own. */
  readonly isSpread: boolean;
  /** Set where both would fit: how it is now. */
  readonly choice: 'each' | 'together' | null;
}

/** Null where an end is not known. */
export function edgeLists(graph: DrawnGraph, catalogue: Catalogue, edge: CanvasEdge): EdgeLists | null {
  const mapping = listsOf(graph, catalogue);
  const byId = indexNodes(graph.nodes);
  const output = findOutput(infoOf(catalogue, byId.get(edge.source))?.outputs ?? [], edge.sourceHandle);
  const input = findHandle(infoOf(catalogue, byId.get(edge.target))?.inputs ?? [], edge.targetHandle);
  if (output === undefined || input === undefined) return null;
  const carried = mapping.carriedType(edge.source, output.id);
  const own = mapping.typeOf(edge.source, output.id);
  if (carried === undefined || own === undefined) return null;
  const maps = mapping.mapsOf(edge.id);
  const inner = mapping.innerDepthOf(edge.source, output.id);
  // Between two nodes that are repeated together goes what one repetition gives.
  const type = inner > 0 && maps >= inner ? own : carried;
  const { depth } = partsOf(carried);
  const fit = depth === 0 ? 'each' : fitOf(input, carried);
  const isOpen = fit === 'whole' || fit === 'together' || fit === 'either';
  const most = fit === 'whole' ? Math.max(1, inner) : depth;
  return {
    type,
    isSpread: maps > (type === own ? inner : 0),
    choice: isOpen ? (maps === most ? 'each' : 'together') : null,
  };
}
