import { applyEdgeChanges, applyNodeChanges, type NodeChange } from '@xyflow/react';
import { isTurnedOff } from '../../core/graph/graph.ts';
import { alignNodes } from '../graph/align.ts';
import { indexNodes, nameOf, type CanvasEdge, type CanvasNode } from '../graph/canvas-graph.ts';
import { connectionProblem, replacedEdges } from '../graph/connection-rules.ts';
import { makeRoom, touchedBetween } from '../graph/make-room.ts';
import { countOf } from '../ui/format.ts';
import { amend } from './history.ts';
import type { GetState, GraphSlice, RecordStep, SetState, WorkflowStoreDeps } from './types.ts';

/** What an edit changes of how nodes look is seen by then, findings of the save included; what comes later has another cause. */
const shownWithinMs = 2_000;

/** Each change of the graph is one step back. So is a whole drag or resize, and quick typing in one field. */
export function createGraphSlice(
  set: SetState,
  get: GetState,
  deps: WorkflowStoreDeps,
  record: RecordStep,
): GraphSlice {
  /** The state before the drag or resize that is under way. */
  let gesture: { nodes: CanvasNode[]; edges: CanvasEdge[] } | null = null;

  const changed = (change: Partial<GraphSlice>) => set({ ...change, revision: get().revision + 1 });

  function removeNodes(ids: ReadonlySet<string>): void {
    const { nodes, edges } = get();
    const gone = new Set(
      nodes
        .filter((node) => ids.has(node.id) || (node.parentId !== undefined && ids.has(node.parentId)))
        .map(({ id }) => id),
    );
    if (gone.size === 0) return;
    record(`Delete ${countOf(gone.size, 'node')}`);
    changed({
      nodes: nodes.filter((node) => !gone.has(node.id)),
      edges: edges.filter((edge) => !gone.has(edge.source) && !gone.has(edge.target)),
      selectedNodes: get().selectedNodes.filter((id) => !gone.has(id)),
    });
  }

  /** Turns React Flow's stream of changes into steps back: one for a drag, one for a resize, one for a burst of arrow keys. */
  function recordGestures(changes: readonly NodeChange<CanvasNode>[]): boolean {
    const moves = changes.filter((change) => change.type === 'position' && change.position !== undefined);
    const sizes = changes.filter((change) => change.type === 'dimensions' && change.resizing !== undefined);
    const isUnderWay = [...moves, ...sizes].some(
      (change) =>
        (change.type === 'position' && change.dragging === true) ||
        (change.type === 'dimensions' && change.resizing === true),
    );
    const { nodes, edges } = get();
    if (isUnderWay) {
      gesture ??= { nodes, edges };
      return false;
    }
    const isEnd = changes.some(
      (change) =>
        (change.type === 'position' && change.dragging === false) ||
        (change.type === 'dimensions' && change.resizing === false),
    );
    if (gesture !== null && isEnd) {
      const before = gesture;
      gesture = null;
      const label =
        sizes.length > 0
          ? 'Resize'
          : `Move ${countOf(new Set(changes.map((change) => ('id' in change ? change.id : ''))).size, 'node')}`;
      record(label, { before });
      return true;
    }
    if (moves.length > 0) {
      record(`Move ${countOf(moves.length, 'node')}`, { groupKey: 'move' });
      return true;
    }
    return false;
  }

  /** Unfolded by a click, which is no step; when, in milliseconds. */
  const unfolded = new Map<string, number>();
  const isFresh = (atMs: number | undefined) => atMs !== undefined && deps.now() - atMs <= shownWithinMs;

  /**
   * Moves what a node would cover that has just grown. Where the last step made it grow that is a part of it, where somebody
   * has unfolded it a step of its own; anything else, as a picture of fields that has come late, moves nothing. The same list
   * where nothing is in the way.
   */
  function withRoom(changes: readonly NodeChange<CanvasNode>[], nodes: CanvasNode[]): CanvasNode[] {
    const before = indexNodes(get().nodes);
    const grown = changes.flatMap((change) => {
      if (change.type !== 'dimensions' || change.resizing !== undefined || change.dimensions === undefined) return [];
      const height = before.get(change.id)?.measured?.height ?? Infinity;
      return change.dimensions.height > height ? [{ id: change.id, height }] : [];
    });
    if (grown.length === 0) return nodes;
    const last = get().history.past.at(-1);
    const touched = last !== undefined && isFresh(last.atMs) ? touchedBetween(last, get()) : new Set<string>();
    let roomy = nodes;
    for (const { id, height } of grown) {
      const isUnfolded = isFresh(unfolded.get(id));
      unfolded.delete(id);
      if (!touched.has(id) && !isUnfolded) continue;
      const next = makeRoom(roomy, id, height);
      if (next !== roomy && !touched.has(id)) record('Make room');
      roomy = next;
    }
    return roomy;
  }

  return {
    nodes: [],
    edges: [],
    settings: undefined,
    selectedNodes: [],
    editedNode: null,
    revision: 0,

    unfoldNode: (nodeId) => void unfolded.set(nodeId, deps.now()),

    addNode: (type, position, data = {}) => {
      const info = deps.catalogue.get(type);
      const id = deps.createId();
      record(`Add ${info?.title ?? type}`);
      const node: CanvasNode = {
        id,
        type,
        position: { x: Math.round(position.x), y: Math.round(position.y) },
        data: {
          ...structuredClone(info?.defaults ?? {}),
          ...(info !== undefined && { label: freeName(get().nodes, info.title) }),
          ...data,
        },
        selected: true,
        ...(info !== undefined && info.version > 1 && { typeVersion: info.version }),
        ...(type === 'note' && { width: 240, height: 140 }),
      };
      changed({ nodes: [...get().nodes.map(deselected), node], selectedNodes: [id] });
      return id;
    },

    updateNodeData: (nodeId, data) => {
      const node = get().nodes.find(({ id }) => id === nodeId);
      if (node === undefined || Object.entries(data).every(([key, value]) => node.data[key] === value)) return;
      const title = deps.catalogue.get(node.type ?? '')?.title;
      record(`Edit ${nameOf(node, title)}`, { groupKey: `data:${nodeId}:${Object.keys(data).join(',')}` });
      // What a refused run found was about the node as it was.
      const { [nodeId]: _, ...runFindings } = get().runFindings;
      set({ runFindings });
      changed({
        nodes: get().nodes.map((other) =>
          other.id === nodeId ? { ...other, data: { ...other.data, ...data } } : other,
        ),
      });
    },

    receiveFile: (nodeId, data, cameWith) => {
      const holds = (nodes: readonly CanvasNode[]) => cameWith !== null && nodes.some(({ id }) => id === cameWith);
      const filled = (nodes: readonly CanvasNode[]) =>
        nodes.map((node) => (node.id === nodeId ? { ...node, data: { ...node.data, ...data } } : node));
      if (cameWith !== null) {
        set({
          history: amend(get().history, (shown) =>
            holds(shown.nodes) ? { ...shown, nodes: filled(shown.nodes) } : shown,
          ),
        });
      }
      if (holds(get().nodes)) changed({ nodes: filled(get().nodes) });
      else get().updateNodeData(nodeId, data);
    },

    deleteNode: (nodeId) => removeNodes(new Set([nodeId])),

    deleteSelection: () => {
      const { edges, selectedNodes } = get();
      const chosen = edges.filter(({ selected }) => selected).map(({ id }) => id);
      if (selectedNodes.length > 0) removeNodes(new Set(selectedNodes));
      else get().deleteEdges(chosen);
    },

    deleteEdges: (ids) => {
      if (ids.length === 0) return;
      const gone = new Set(ids);
      record(`Delete ${countOf(ids.length, 'connection')}`);
      changed({ edges: get().edges.filter(({ id }) => !gone.has(id)) });
    },

    setEach: (edgeId, each) => {
      record(each ? 'One by one' : 'All together');
      changed({ edges: get().edges.map((edge) => (edge.id === edgeId ? { ...edge, data: { each } } : edge)) });
    },

    onNodesChange: (changes) => {
      const removed = changes.filter(({ type }) => type === 'remove');
      if (removed.length > 0) record(`Delete ${countOf(removed.length, 'node')}`, { groupKey: 'remove' });
      const isStep = recordGestures(changes) || removed.length > 0;
      const drawn = applyNodeChanges(changes, get().nodes);
      const nodes = withRoom(changes, drawn);
      const isSelection = changes.some(({ type }) => type === 'select') || removed.length > 0;
      const change: Partial<GraphSlice> = { nodes };
      if (isSelection) change.selectedNodes = nodes.filter(({ selected }) => selected).map(({ id }) => id);
      if (isStep || nodes !== drawn) changed(change);
      else set(change);
    },

    onEdgesChange: (changes) => {
      const removed = changes.filter(({ type }) => type === 'remove');
      if (removed.length > 0) record(`Delete ${countOf(removed.length, 'connection')}`, { groupKey: 'remove' });
      const edges = applyEdgeChanges(changes, get().edges);
      if (removed.length > 0) changed({ edges });
      else set({ edges });
    },

    onConnect: (connection) => {
      const graph = get();
      const problem = connectionProblem(graph, deps.catalogue, connection);
      if (problem !== null) {
        deps.notify({ title: 'Not connected', description: problem, kind: 'error' });
        return;
      }
      const replaced = new Set(replacedEdges(graph, deps.catalogue, connection).map(({ id }) => id));
      record(replaced.size > 0 ? 'Replace connection' : 'Connect');
      changed({
        edges: [
          ...graph.edges.filter(({ id }) => !replaced.has(id)),
          {
            id: deps.createId(),
            source: connection.source,
            sourceHandle: connection.sourceHandle,
            target: connection.target,
            targetHandle: connection.targetHandle,
          },
        ],
      });
    },

    onReconnect: (edgeId, connection) => {
      const others = get().edges.filter(({ id }) => id !== edgeId);
      const graph = { nodes: get().nodes, edges: others };
      const problem = connectionProblem(graph, deps.catalogue, connection);
      if (problem !== null) {
        deps.notify({ title: 'Not connected', description: problem, kind: 'error' });
        return;
      }
      const replaced = new Set(replacedEdges(graph, deps.catalogue, connection).map(({ id }) => id));
      record('Reconnect');
      changed({
        edges: get()
          .edges.filter(({ id }) => !replaced.has(id))
          .map((edge) => (edge.id === edgeId ? { ...edge, ...connection } : edge)),
      });
    },

    selectNodes: (ids) => {
      const chosen = new Set(ids);
      set({
        nodes: get().nodes.map((node) =>
          (node.selected ?? false) === chosen.has(node.id) ? node : { ...node, selected: chosen.has(node.id) },
        ),
        edges: get().edges.map((edge) => (edge.selected === true ? { ...edge, selected: false } : edge)),
        selectedNodes: [...ids],
      });
    },

    editNode: (editedNode) => set({ editedNode }),

    toggleOff: (ids) => {
      const chosen = new Set(ids);
      const nodes = get().nodes.filter(({ id, type }) => chosen.has(id) && deps.catalogue.has(type ?? ''));
      if (nodes.length === 0) return;
      // A mixed selection is turned off as a whole.
      const off = nodes.some((node) => !isTurnedOff(node));
      const changing = new Set(nodes.map(({ id }) => id));
      record(`Turn ${off ? 'off' : 'on'} ${countOf(nodes.length, 'node')}`);
      changed({
        nodes: get().nodes.map((node) => {
          if (!changing.has(node.id)) return node;
          // What waited to be turned on by itself is no longer waited for.
          const { off: _off, offUntil: _until, ...data } = node.data;
          return { ...node, data: off ? { ...data, off } : data };
        }),
      });
    },

    moveNodes: (label, positions) => {
      record(label);
      changed({
        nodes: get().nodes.map((node) => {
          const position = positions.get(node.id);
          return position === undefined ? node : { ...node, position };
        }),
      });
    },

    alignSelection: (alignment) => {
      const chosen = get().nodes.filter(({ selected }) => selected);
      if (chosen.length < 2) return;
      get().moveNodes(`Align ${countOf(chosen.length, 'node')}`, alignNodes(chosen, alignment));
    },

    replaceGraph: (label, graph) => {
      record(label);
      const { settings } = { ...get(), ...graph };
      changed({ nodes: graph.nodes, edges: graph.edges, settings, selectedNodes: [] });
    },

    changeSettings: (settings) => {
      record('Change the settings of the workflow');
      changed({ settings });
    },
  };
}

/** The same object where it is not selected, so that nothing renders again. */
export function deselected<Item extends { selected?: boolean }>(item: Item): Item {
  return item.selected === true ? { ...item, selected: false } : item;
}

/** "Crop image", "Crop image 2": runs, errors and lists tell nodes apart by their names. */
function freeName(nodes: readonly CanvasNode[], title: string): string {
  const taken = new Set(nodes.map(({ data }) => data['label']));
  let name = title;
  for (let number = 2; taken.has(name); number += 1) name = `${title} ${number}`;
  return name;
}
