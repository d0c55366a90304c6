import type { Connection } from '@xyflow/react';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { partsOf, rowOf, type DataType } from '../../core/data-types/table.ts';
import { isConnectable } from '../../core/node-type/values.ts';
import { indexEdges, indexNodes, nameOf, type CanvasEdge, type CanvasNode } from './canvas-graph.ts';
import { handleType, infoOf, type Catalogue } from './catalogue.ts';
import { listPart } from './list-part.ts';

type Ends = Pick<Connection, 'source' | 'sourceHandle' | 'target' | 'targetHandle'>;

/** Why two handles cannot be joined, in words; null where they can. */
export function connectionProblem(
  graph: { nodes: readonly CanvasNode[]; edges: readonly CanvasEdge[] },
  catalogue: Catalogue,
  { source, sourceHandle, target, targetHandle }: Ends,
): string | null {
  if (source === target) return 'A node cannot be connected to itself.';
  const byId = indexNodes(graph.nodes);
  const [sourceNode, targetNode] = [byId.get(source), byId.get(target)];
  if (sourceNode === undefined || targetNode === undefined) return 'One end of this connection no longer exists.';
  const lists = listPart.getState().part;
  const own = handleType(catalogue, sourceNode, 'outputs', sourceHandle);
  const from = own === null ? null : (lists?.listsOf(graph, catalogue).typeOf(source, sourceHandle ?? 'output') ?? own);
  const to = handleType(catalogue, targetNode, 'inputs', targetHandle);
  if (from === null || to === null) return 'A connection goes from an output to an input.';
  if (!isConnectable(from, to)) {
    const targetInfo = infoOf(catalogue, targetNode);
    const handle = targetInfo?.inputs.find(({ id }) => id === targetHandle);
    return `"${handle?.title ?? 'This input'}" of ${nameOf(targetNode, targetInfo?.title)} takes ${rowOf(to).named}, not ${rowOf(from).named}.`;
  }
  const joined =
    indexEdges(graph.edges)
      .incoming.get(target)
      ?.get(targetHandle ?? '') ?? [];
  const isThere = joined.some(
    (edge) => edge.source === source && (edge.sourceHandle ?? null) === (sourceHandle ?? null),
  );
  if (isThere) return 'These two are already connected.';
  if (isReachable(graph.edges, target, source))
    return 'That would create a cycle: the node would wait for its own result.';
  return null;
}

/** Whether `to` comes after `from`. */
export function isReachable(edges: readonly CanvasEdge[], from: string, to: string): boolean {
  const { outgoing } = indexEdges(edges);
  const seen = new Set([from]);
  const queue = [from];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (id === to) return true;
    for (const edge of outgoing.get(id) ?? []) {
      if (seen.has(edge.target)) continue;
      seen.add(edge.target);
      queue.push(edge.target);
    }
  }
  return false;
}

/** The edges that a new connection pushes out: those at an input that takes one value only. */
export function replacedEdges(
  graph: { nodes: readonly CanvasNode[]; edges: readonly CanvasEdge[] },
  catalogue: Catalogue,
  { target, targetHandle }: Ends,
): readonly CanvasEdge[] {
  const handle = infoOf(catalogue, indexNodes(graph.nodes).get(target))?.inputs.find(({ id }) => id === targetHandle);
  if (handle === undefined || handle.many === true) return [];
  return indexEdges(graph.edges).incoming.get(target)?.get(handle.id) ?? [];
}

/**
 * The node types that a dangling edge may end in, each with the handle that fits. Those that are made for what it carries go
 * before those that take anything.
 */
export function fittingTypes(
  catalogue: Catalogue,
  from: { side: 'source' | 'target'; dataType: DataType },
): { info: NodeTypeInfo; handleId: string }[] {
  const { element } = partsOf(from.dataType);
  const found = [...catalogue.values()].flatMap((info) => {
    const handles = from.side === 'source' ? info.inputs : info.outputs;
    const fitting = handles.filter((handle) =>
      from.side === 'source'
        ? isConnectable(from.dataType, handle.dataType)
        : isConnectable(handle.dataType, from.dataType),
    );
    // An exact fit goes before one that takes anything.
    const handle = fitting.find(({ dataType }) => dataType === from.dataType) ?? fitting[0];
    return handle === undefined ? [] : [{ info, handle }];
  });
  const isExact = ({ handle }: (typeof found)[number]) => partsOf(handle.dataType).element === element;
  return [...found.filter(isExact), ...found.filter((each) => !isExact(each))].map(({ info, handle }) => ({
    info,
    handleId: handle.id,
  }));
}
