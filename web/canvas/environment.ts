import { createContext, use } from 'react';
import { useStore } from 'zustand';
import { useStoreWithEqualityFn } from 'zustand/traditional';
import type { ModelProviderInfo } from '../../core/api/llm.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import type { NodeRunState, RunView } from '../live/run-view.ts';
import type { LiveConnection } from '../live/live-connection.ts';
import type { RunStore, RunStoreState } from '../live/run-store.ts';
import type { WorkflowStore } from '../store/types.ts';
import type { WorkflowStoreApi } from '../store/workflow-store.ts';
import type { NodeEditor } from '../ui/node-editor.ts';
import type { Notify } from '../ui/notify.ts';
import type { Uploads } from './files/uploads.ts';

/** Everything that the parts of one open canvas share. */
export interface CanvasEnvironment {
  readonly store: WorkflowStoreApi;
  readonly runs: RunStore;
  readonly followParts: LiveConnection['followParts'];
  readonly catalogue: Catalogue;
  readonly editors: ReadonlyMap<string, NodeEditor>;
  readonly uploads: Uploads;
  /** Null while the list is loading. */
  readonly providers: readonly ModelProviderInfo[] | null;
  readonly notify: Notify;
  /** A look at an earlier run, a small screen, or a role that may not: nothing can be changed. */
  readonly isReadOnly: boolean;
  /** Whether the account may run the workflow, and change it where there is room to. */
  readonly mayRun: boolean;
  readonly mayEdit: boolean;
  /** Runs again what failed in the run that is shown. */
  readonly retryRun: () => void;
}

/** Null outside a canvas; read it with `useEnvironment`. */
export const EnvironmentContext = createContext<CanvasEnvironment | null>(null);

/** Throws outside a canvas. */
export function useEnvironment(): CanvasEnvironment {
  const environment = use(EnvironmentContext);
  if (environment === null) throw new Error('This part works inside a canvas only.');
  return environment;
}

/** A slice of the workflow store. Pick narrowly: the component renders again when the slice changes. */
export function useWorkflow<Slice>(select: (state: WorkflowStore) => Slice): Slice {
  return useStore(useEnvironment().store, select);
}

/** The same, drawn again only where `isEqual` says that something counts as changed. */
export function useWorkflowUnless<Slice>(
  select: (state: WorkflowStore) => Slice,
  isEqual: (before: Slice, after: Slice) => boolean,
): Slice {
  return useStoreWithEqualityFn(useEnvironment().store, select, isEqual);
}

/** A slice of the shown run and its connection. Pick narrowly: the component renders again when the slice changes. */
export function useRuns<Slice>(select: (state: RunStoreState) => Slice): Slice {
  return useStore(useEnvironment().runs.api, select);
}

/** The shown run, without its nodes. */
export function useShownRun(): RunView['run'] | null {
  return useRuns((state) => state.view?.run ?? null);
}

/** One node's entry in the shown run. */
export function useNodeRun(nodeId: string): NodeRunState | undefined {
  return useRuns((state) => state.view?.nodes[nodeId]);
}
