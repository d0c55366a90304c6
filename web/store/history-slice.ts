import type { CanvasNode } from '../graph/canvas-graph.ts';
import { emptyHistory, record as recordEntry, redo, undo, type Snapshot } from './history.ts';
import type { GetState, HistorySlice, RecordStep, SetState, WorkflowStoreDeps } from './types.ts';

/** `record` is for the other slices: call it before a change. Inside `transact` it does nothing. */
export function createHistorySlice(
  set: SetState,
  get: GetState,
  deps: WorkflowStoreDeps,
): { slice: HistorySlice; record: RecordStep } {
  let openTransactions = 0;

  const record: RecordStep = (label, { groupKey, before } = {}) => {
    if (openTransactions > 0) return;
    set({ history: recordEntry(get().history, { ...get(), ...before }, { label, groupKey, atMs: deps.now() }) });
  };

  /** Shows a remembered graph; nodes that are still there keep their selection and measured size. */
  function show(shown: Snapshot): void {
    const current = new Map(get().nodes.map((node) => [node.id, node]));
    const nodes = shown.nodes.map((node): CanvasNode => {
      const now = current.get(node.id);
      return { ...node, selected: now?.selected ?? false, dragging: false };
    });
    set({
      nodes,
      edges: [...shown.edges],
      settings: shown.settings,
      selectedNodes: nodes.filter(({ selected }) => selected).map(({ id }) => id),
      revision: get().revision + 1,
    });
  }

  return {
    record,
    slice: {
      history: emptyHistory,
      undo: () => {
        const step = undo(get().history, get());
        if (step === null) return;
        show(step.shown);
        set({ history: step.history });
      },
      redo: () => {
        const step = redo(get().history, get());
        if (step === null) return;
        show(step.shown);
        set({ history: step.history });
      },
      transact: (label, change) => {
        record(label);
        openTransactions += 1;
        try {
          change();
        } finally {
          openTransactions -= 1;
        }
      },
    },
  };
}
