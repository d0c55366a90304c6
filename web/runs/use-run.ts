import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { NodeExecution, RunDetail, RunSummary } from '../../core/api/runs.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { useCatalogue } from '../api/use-catalogue.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import type { CanvasEnvironment } from '../canvas/environment.ts';
import { createRunSession, type ViewSession } from '../canvas/session/view-session.ts';
import { useCanvasEnvironment } from '../canvas/use-canvas-environment.ts';
import { useRoleIn } from '../workspaces/use-workspaces.ts';

/** A run as it was loaded, with all that its graph is drawn from. */
export interface LoadedRun {
  readonly run: RunDetail;
  /** As it was frozen for the run. */
  readonly graph: Graph;
  readonly catalogue: Catalogue;
}

/** Loads a run; both are null while it is loading. */
export function useRun(runId: string): { loaded: LoadedRun | null; error: Error | null } {
  const { api } = useApp();
  const { catalogue, error } = useCatalogue();
  const run = useQuery({ queryKey: queryKeys.run(runId), queryFn: () => api.getRun(runId), retry: false });
  const graph = useQuery({
    queryKey: queryKeys.runGraph(runId),
    queryFn: () => api.getRunGraph(runId),
    staleTime: Infinity,
    retry: false,
  });
  const isLoaded = run.data !== undefined && graph.data !== undefined && catalogue !== undefined;
  return {
    loaded: isLoaded ? { run: run.data, graph: graph.data, catalogue } : null,
    error: run.error ?? graph.error ?? error,
  };
}

/** A run on the screen and the execution chosen in it. */
export interface ShownRun {
  readonly session: ViewSession;
  readonly environment: CanvasEnvironment;
  readonly run: RunSummary;
  /** In the order of the plan. */
  readonly executions: readonly NodeExecution[];
  /** The chosen one; without a choice the first that failed, or the last that put something out. */
  readonly selected: NodeExecution | undefined;
  select(execution: NodeExecution): void;
}

/** One run, live, with the graph as it was then: nothing of it can be changed. */
export function useShownRunSession(
  { run: loaded, graph, catalogue }: LoadedRun,
  onRetry: (runId: string) => void,
): ShownRun {
  const services = useApp();
  const [session] = useState(() => createRunSession(services, catalogue, loaded, graph));
  useEffect(() => {
    session.start();
    return () => session.stop();
  }, [session]);
  const view = useStore(session.live.runs.api, (state) => state.view);
  const selectedId = useStore(session.store, ({ selectedNodes }) =>
    selectedNodes.length === 1 ? selectedNodes[0] : undefined,
  );
  const order = useMemo(() => new Map(loaded.nodeExecutions.map(({ nodeId }, index) => [nodeId, index])), [loaded]);
  const executions = useMemo(
    () =>
      Object.values(view?.nodes ?? {})
        .map(({ execution }) => execution)
        .toSorted((a, b) => (order.get(a.nodeId) ?? 0) - (order.get(b.nodeId) ?? 0)),
    [view, order],
  );
  const role = useRoleIn(loaded.workspaceId);
  const environment = useCanvasEnvironment(session, catalogue, { isReadOnly: true, role }, onRetry);
  return {
    session,
    environment,
    run: view?.run ?? loaded,
    executions,
    selected:
      executions.find(({ nodeId }) => nodeId === selectedId) ??
      executions.find(({ status }) => status === 'FAILED') ??
      executions.findLast(({ outputData }) => outputData !== null),
    select: ({ nodeId }) => session.store.getState().selectNodes([nodeId]),
  };
}
