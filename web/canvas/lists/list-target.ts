import type { Catalogue } from '../../graph/catalogue.ts';
import { nameOf, indexNodes, type CanvasEdge } from '../../graph/canvas-graph.ts';
import { infoOf } from '../../graph/catalogue.ts';
import type { ListPart } from '../../graph/list-part.ts';
import type { RunView } from '../../live/run-view.ts';
import type { WorkflowStore } from '../../store/types.ts';
import { isOfList, isOpen, type ListExecution } from './list-words.ts';

/** What is on the canvas, and the run that is shown. */
export interface ListScene {
  readonly state: Pick<WorkflowStore, 'nodes' | 'edges' | 'selectedNodes'>;
  readonly view: RunView | null;
  readonly catalogue: Catalogue;
  readonly part: Pick<ListPart, 'listsOf'>;
}

/** The one selected node, if it goes through a list. */
export function selectedMapped(scene: ListScene): string | null {
  const [id, ...others] = scene.state.selectedNodes;
  return id !== undefined && others.length === 0 && isMapped(scene, id) ? id : null;
}

/** Whether a node is executed once per element of a list. */
export function isMapped({ state, catalogue, part }: ListScene, id: string): boolean {
  return part.listsOf(state, catalogue).depthOf(id) > 0;
}

/**
 * The list that a command is about: that of the selected node, which a node that is repeated together with it may hold, or
 * else the only one there is. `isWanted` says which lists come into question. Null where there is none, or several.
 */
export function targetOf(
  scene: ListScene,
  isWanted: (execution: ListExecution) => boolean = isOpen,
): ListExecution | null {
  const { state, view, catalogue, part } = scene;
  const wanted = new Map<string, ListExecution>();
  const byId = indexNodes(state.nodes);
  for (const { execution } of Object.values(view?.nodes ?? {})) {
    const node = byId.get(execution.nodeId);
    // Laps of a loop are no elements of a list.
    const isLoop = infoOf(catalogue, node)?.loop !== undefined;
    if (isOfList(execution) && !isLoop && isWanted(execution)) wanted.set(execution.nodeId, execution);
  }
  const selected = selectedMapped(scene);
  const { depthOf } = part.listsOf(state, catalogue);
  const near = selected === null ? null : nearest(selected, state.edges, depthOf, wanted);
  if (near !== null) return near;
  const [only, ...others] = wanted.values();
  return only !== undefined && others.length === 0 ? only : null;
}

/** By the fewest connections between nodes that go through lists, whichever way they lead. */
function nearest(
  from: string,
  edges: readonly CanvasEdge[],
  depthOf: (id: string) => number,
  wanted: ReadonlyMap<string, ListExecution>,
): ListExecution | null {
  const seen = new Set([from]);
  // It grows while it is gone through.
  for (const id of seen) {
    const found = wanted.get(id);
    if (found !== undefined) return found;
    for (const { source, target } of edges) {
      const other = source === id ? target : target === id ? source : null;
      if (other !== null && depthOf(other) > 0) seen.add(other);
    }
  }
  return null;
}

/** The name of a node, as its card has it. */
export function nameIn({ state, catalogue }: Pick<ListScene, 'state' | 'catalogue'>, nodeId: string): string {
  const node = indexNodes(state.nodes).get(nodeId);
  return node === undefined ? nodeId : nameOf(node, infoOf(catalogue, node)?.title);
}
