import { useQuery } from '@tanstack/react-query';
import { CircleStop } from 'lucide-react';
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
import { Button } from '../ui/Button.tsx';
import { StatusIcon } from '../ui/Status.tsx';
import { StreamedText } from '../ui/StreamedText.tsx';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { DownloadAll } from './DownloadAll.tsx';
import { nothingShown } from './empty-words.ts';
import { progressWords } from './progress-words.ts';

/** One run of the app: how far it is in words, and its results as they come. */
export function AppRun({ workflow, runId }: { workflow: NamedWorkflow; runId: string }) {
  const services = useApp();
  const { api, notify, queries } = services;
  const { workflowId, role = 'admin' } = workflow;
  const mayRun = allows(role, 'runner');
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
  const isOver = isRunFinished(now.status);
  const names = namesOf(workflow, run);
  const cancel = () => {
    api
      .cancelRun(runId)
      .catch((refusal: Error) => notify({ title: 'Not canceled', description: refusal.message, kind: 'error' }));
  };
  return (
    <section aria-label="Results" className="flex min-w-0 flex-col gap-4" data-run-status={now.status}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p role="status" className="flex min-w-0 flex-1 items-center gap-2 font-medium">
          <StatusIcon status={now.status} size={18} />
          <span className="min-w-0 break-words">{progressWords(now, view)}</span>
        </p>
        {!isOver && mayRun && (
          <Button onClick={cancel}>
            <CircleStop size={14} aria-hidden /> Cancel
          </Button>
        )}
        {isOver && <DownloadAll runId={run.id} outputs={run.outputs} />}
      </div>
      {now.error !== null && <p className="rounded-md bg-danger-soft px-3 py-2 break-words text-danger">{now.error}</p>}
      {isOver && now.error === null && names.length === 0 && (
        <p className="text-muted">{nothingShown(allows(role, 'editor'))}</p>
      )}
      {names.map((name) => (
        <Result key={name} name={name} workflow={workflow} run={run} view={view} />
      ))}
    </section>
  );
}

/** All results that the workflow has now, and what a run of an earlier version has besides. */
function namesOf({ results }: NamedWorkflow, { outputs }: RunDetail): string[] {
  return [...new Set([...results.map(({ name }) => name), ...Object.keys(outputs)])];
}

/** One result: a finished value, what is being written, or the place where it will be. */
function Result({
  name,
  workflow,
  run,
  view,
}: {
  name: string;
  workflow: NamedWorkflow;
  run: RunDetail;
  view: RunView | null;
}) {
  const { nodeId, from } = workflow.results.find((result) => result.name === name) ?? { nodeId: '', from: null };
  const arrived = view?.nodes[nodeId]?.execution;
  const source = from === null ? undefined : view?.nodes[from];
  const written = source?.execution.status === 'RUNNING' ? textOfPieces(source.streamed) : '';
  const value =
    arrived?.nodeType === 'output' && arrived.status === 'COMPLETED'
      ? arrived.outputData?.['output']
      : run.outputs[name];
  const isOver = isRunFinished(view?.run.status ?? run.status);
  const title = titleOf(workflow, name);
  return (
    <article aria-label={title} className="min-w-0 rounded-xl border border-line bg-surface p-4">
      <h2 className="mb-2 text-sm font-semibold">{title}</h2>
      {value !== undefined ? (
        <ValuePreview value={value} title={title} />
      ) : written !== '' ? (
        <StreamedText text={written} />
      ) : isOver ? (
        <p className="text-muted">This run did not give this result.</p>
      ) : (
        <div aria-busy="true" className="skeleton h-24" />
      )}
    </article>
  );
}

function titleOf({ outputs }: NamedWorkflow, name: string): string {
  const properties = (outputs['properties'] ?? {}) as Readonly<Record<string, { readonly title?: unknown }>>;
  const title = properties[name]?.title;
  return typeof title === 'string' && title !== '' ? title : name;
}
