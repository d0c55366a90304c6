import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DrawnGraph } from '../graph/canvas-graph.ts';
import { createClipboardSlice } from './clipboard-slice.ts';
import { createExecutionSlice } from './execution-slice.ts';
import { createFrameSlice } from './frame-slice.ts';
import { createGraphSlice } from './graph-slice.ts';
import { createHistorySlice } from './history-slice.ts';
import type { WorkflowStore, WorkflowStoreDeps } from './types.ts';

/** For use outside React; components read it with `useWorkflow`. */
export type WorkflowStoreApi = StoreApi<WorkflowStore>;

/**
 * The state of one open workflow: the graph, the selection, the way back, the
 * clipboard and starting runs. What a run does to the nodes is kept in the run
 * store, so that live events never rebuild the graph.
 */
export function createWorkflowStore(
  deps: WorkflowStoreDeps,
  initial: Pick<DrawnGraph, 'nodes' | 'edges'> & Partial<Pick<DrawnGraph, 'settings'>>,
): WorkflowStoreApi {
  return createStore<WorkflowStore>()((set, get) => {
    const { slice: history, record } = createHistorySlice(set, get, deps);
    return {
      ...createGraphSlice(set, get, deps, record),
      ...createFrameSlice(set, get, deps, record),
      ...history,
      ...createClipboardSlice(set, get, deps, record),
      ...createExecutionSlice(set, get, deps),
      nodes: initial.nodes,
      edges: initial.edges,
      settings: initial.settings,
    };
  });
}
