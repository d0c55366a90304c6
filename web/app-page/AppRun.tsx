import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { NamedWorkflow } from '../../core/api/by-name.ts';
import type { RunDetail } from '../../core/api/runs.ts';
import { allows } from '../../core/scope.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { createLive } from '../canvas/session/create-live.ts';
import type { RunView } from '../live/run-view.ts';
import { textOfPieces } from '../live/streamed-text.ts';
import { progressWords } from './progress-words.ts';
import { RunCard, titlesOf, type ShownResult } from './RunCard.tsx';

/** One run of the app: how far it is in words, and its results as they come. */
export function AppRun({ workflow, runId }: { workflow: NamedWorkflow; runId: string }) {
  const services = useApp();
  const { api, queries } = services;
  const { workflowId, role = 'admin' } = workflow;
  const { data: run, error } = useQuery({
    queryKey: queryKeys.run(runId),
    queryFn: () => api.getRun(runId),
    retry: false,
  });
  const [live] = useState(() => createLive(services, null, workflowId, () => undefined));
  useEffect(() => {
    live.start();
    live.follow(runId);
    return () => live.stop();
  }, [live, runId]);
  const view = useStore(live.runs.api, (state) => state.view);
  // Its results by name are those of the run as it ended.
  const isStale = run !== undefined && !isRunFinished(run.status) && isRunFinished(view?.run.status ?? run.status);
  useEffect(() => {
    if (isStale) void queries.invalidateQueries({ queryKey: queryKeys.run(runId) });
  }, [isStale, queries, runId]);
  if (error !== null) return <p className="rounded-md bg-danger-soft px-3 py-2 text-danger">{error.message}</p>;
  if (run === undefined) return <div className="skeleton h-40" />;
  const now = view?.run ?? run;
  const titles = titlesOf(workflow.outputs);
  return (
    <RunCard
      run={{ id: run.id, status: now.status, error: now.error, outputs: run.outputs }}
      words={progressWords(now, view)}
      results={namesOf(workflow, run).map((name) => ({
        ...{ name, title: titles[name] ?? name },
        ...resultOf(name, { workflow, run, view }),
      }))}
      isChangeable={allows(role, 'runner')}
      mayEdit={allows(role, 'editor')}
      findSources={async () => {
        const { outputs } = await api.exportRun(runId);
        const byNode = new Map(outputs.map(({ nodeId, sources }) => [nodeId, sources]));
        return Object.fromEntries(
          workflow.results.map(({ name, nodeId }) => [name, byNode.get(nodeId)?.['output'] ?? null]),
        );
      }}
      onCancel={() => api.cancelRun(runId)}
    />
  );
}

/** All results that the workflow has now, and what a run of an earlier version has besides. */
function namesOf({ results }: NamedWorkflow, { outputs }: RunDetail): string[] {
  return [...new Set([...results.map(({ name }) => name), ...Object.keys(outputs)])];
}

/** One result as far as it has come. */
function resultOf(
  name: string,
  { workflow, run, view }: { workflow: NamedWorkflow; run: RunDetail; view: RunView | null },
): Pick<ShownResult, 'value' | 'written'> {
  const { nodeId, from } = workflow.results.find((result) => result.name === name) ?? { nodeId: '', from: null };
  const arrived = view?.nodes[nodeId]?.execution;
  const source = from === null ? undefined : view?.nodes[from];
  return {
    written: source?.execution.status === 'RUNNING' ? textOfPieces(source.streamed) : '',
    value:
      arrived?.nodeType === 'output' && arrived.status === 'COMPLETED'
        ? arrived.outputData?.['output']
        : run.outputs[name],
  };
}
