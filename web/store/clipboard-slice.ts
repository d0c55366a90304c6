import type { CanvasNode } from '../graph/canvas-graph.ts';
import { drawableEdges } from '../graph/drawable-edges.ts';
import { boundsOf, fragmentOf, placeFragment, serializeFragment, type Fragment } from '../graph/fragment.ts';
import { mendedNotice } from '../graph/mend-parents.ts';
import { countOf } from '../ui/format.ts';
import { deselected } from './graph-slice.ts';
import type { ClipboardSlice, GetState, RecordStep, SetState, WorkflowStoreDeps } from './types.ts';

/** How far a duplicate lies from its original, in pixels. */
const duplicateOffset = 32;

/** Cutting, pasting and duplicating are one step back each. */
export function createClipboardSlice(
  set: SetState,
  get: GetState,
  deps: WorkflowStoreDeps,
  record: RecordStep,
): ClipboardSlice {
  const selection = (): Fragment | null => {
    const { nodes, edges, selectedNodes } = get();
    return selectedNodes.length === 0 ? null : fragmentOf(nodes, edges, new Set(selectedNodes));
  };

  function insert(label: string, fragment: Fragment, center: { x: number; y: number }): void {
    const { nodes: placedNodes, edges } = placeFragment(fragment, center, deps.createId);
    const drawable = drawableEdges(placedNodes, edges, deps.catalogue);
    const placed = { nodes: placedNodes, edges: drawable.edges };
    const leftOut = edges.length - drawable.edges.length;
    if (leftOut > 0) {
      deps.notify({
        title: `${countOf(leftOut, 'connection')} skipped`,
        description: drawable.reasons.slice(0, 3).join(' '),
        kind: 'error',
      });
    }
    record(label);
    const nodes: CanvasNode[] = [...get().nodes.map(deselected), ...placed.nodes];
    set({
      nodes: [...nodes.filter(({ type }) => type === 'group'), ...nodes.filter(({ type }) => type !== 'group')],
      edges: [...get().edges.map(deselected), ...placed.edges],
      selectedNodes: placed.nodes.map(({ id }) => id),
      revision: get().revision + 1,
    });
  }

  return {
    copySelection: () => {
      const fragment = selection();
      return fragment === null ? null : serializeFragment(fragment);
    },
    cutSelection: () => {
      const text = get().copySelection();
      if (text !== null) get().deleteSelection();
      return text;
    },
    pasteFragment: (fragment, center) => {
      insert(`Paste ${countOf(fragment.nodes.length, 'node')}`, fragment, center);
      if (fragment.mended !== undefined && fragment.mended > 0) deps.notify(mendedNotice(fragment.mended));
    },
    duplicateSelection: () => {
      const fragment = selection();
      if (fragment === null) return;
      const box = boundsOf(fragment.nodes.filter(({ parentId }) => parentId === undefined));
      insert(`Duplicate ${countOf(fragment.nodes.length, 'node')}`, fragment, {
        x: box.x + box.width / 2 + duplicateOffset,
        y: box.y + box.height / 2 + duplicateOffset,
      });
    },
  };
}
