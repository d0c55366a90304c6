import { ReactFlowProvider } from '@xyflow/react';
import { useQuery } from '@tanstack/react-query';
import { CircleStop, Download, Link2, Pencil, RotateCcw, Trash2, Waypoints } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useStore } from 'zustand';
import type { RunDetail } from '../../core/api/runs.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { nodeEditors } from '../../nodes/editors.ts';
import { ApiError } from '../api/api-error.ts';
import { queryKeys, useApp, useProviders } from '../api/context.ts';
import { useCatalogue } from '../api/use-catalogue.ts';
import { Canvas } from '../canvas/Canvas.tsx';
import { EnvironmentContext, type CanvasEnvironment } from '../canvas/environment.ts';
import { createRunSession } from '../canvas/workflow-session.ts';
import { PageFrame } from '../shell/PageFrame.tsx';
import { Button, IconButton, buttonClass } from '../ui/Button.tsx';
import { copyText } from '../ui/copy-text.ts';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { StatusBadge } from '../ui/Status.tsx';
import { Tabs } from '../ui/Tabs.tsx';
import { Time } from '../ui/Time.tsx';
import { useIsPhone } from '../ui/use-media.ts';
import { saveFile } from '../workflows/export-workflow.ts';
import { ExecutionDetails } from './ExecutionDetails.tsx';
import { ExecutionTable } from './ExecutionTable.tsx';
import { Gantt } from './Gantt.tsx';
import { durationOf, scopeOf, triggerOf } from './run-words.ts';

const editors = new Map(nodeEditors.map((editor) => [editor.type, editor]));

/** One run on a page of its own; its address can be shared. */
export function RunPage() {
  const { runId = '' } = useParams();
  const { api } = useApp();
  const run = useQuery({ queryKey: queryKeys.run(runId), queryFn: () => api.getRun(runId), retry: false });
  const graph = useQuery({
    queryKey: queryKeys.runGraph(runId),
    queryFn: () => loadGraph(api, runId, run.data!.workflowId),
    enabled: run.isSuccess,
    staleTime: Infinity,
    retry: false,
  });
  const workflow = useQuery({
    queryKey: queryKeys.workflow(run.data?.workflowId ?? 0),
    queryFn: () => api.getWorkflow(run.data!.workflowId),
    enabled: run.isSuccess,
  });
  const error = run.error ?? graph.error;
  if (error !== null) {
    return (
      <PageFrame title="Run">
        <EmptyState
          icon={<Waypoints size={20} aria-hidden />}
          title="This run cannot be shown"
          actions={
            <Link to="/" className={buttonClass()}>
              All workflows
            </Link>
          }
        >
          {error.message}
        </EmptyState>
      </PageFrame>
    );
  }
  if (run.data === undefined || graph.data === undefined) {
    return (
      <PageFrame title="Run">
        <div className="skeleton mb-4 h-16" />
        <div className="skeleton h-96" />
      </PageFrame>
    );
  }
  return <RunView key={runId} run={run.data} graph={graph.data} workflowName={workflow.data?.name ?? 'Workflow'} />;
}

/** The frozen graph; a server that does not give it leaves the workflow as it is now. */
async function loadGraph(api: ReturnType<typeof useApp>['api'], runId: string, workflowId: number): Promise<Graph> {
  try {
    return await api.getRunGraph(runId);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    return (await api.getWorkflow(workflowId)).data;
  }
}

function RunView({ run: loaded, graph, workflowName }: { run: RunDetail; graph: Graph; workflowName: string }) {
  const services = useApp();
  const { api, notify, queries } = services;
  const catalogue = useCatalogue();
  const { data: providers } = useProviders();
  const isPhone = useIsPhone();
  const navigate = useNavigate();
  const [session] = useState(() => createRunSession(services, catalogue, loaded, graph));
  useEffect(() => {
    session.start();
    return () => session.stop();
  }, [session]);
  const view = useStore(session.live.runs.api, (state) => state.view);
  const [tab, setTab] = useState('timeline');
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const [isDeleting, setIsDeleting] = useState(false);
  const run = view?.run ?? loaded;
  const order = useMemo(() => new Map(loaded.nodeExecutions.map(({ nodeId }, index) => [nodeId, index])), [loaded]);
  const executions = useMemo(
    () =>
      Object.values(view?.nodes ?? {})
        .map(({ execution }) => execution)
        .toSorted((a, b) => (order.get(a.nodeId) ?? 0) - (order.get(b.nodeId) ?? 0)),
    [view, order],
  );
  const selected =
    executions.find(({ id }) => id === selectedId) ??
    executions.find(({ status }) => status === 'FAILED') ??
    executions.findLast(({ outputData }) => outputData !== null);
  const isOver = isRunFinished(run.status);
  const fail = useCallback(
    (title: string) => (error: Error) => notify({ title, description: error.message, kind: 'error' }),
    [notify],
  );
  const retry = useCallback(() => {
    api.retryRun(loaded.id).then((next) => void navigate(`/runs/${next.id}`), fail('The retry could not start'));
  }, [api, loaded.id, navigate, fail]);
  const environment = useMemo<CanvasEnvironment>(
    () => ({
      store: session.store,
      runs: session.live.runs,
      uploads: session.uploads,
      catalogue,
      editors,
      providers: providers ?? null,
      notify,
      isReadOnly: true,
      retryRun: retry,
    }),
    [session, catalogue, providers, notify, retry],
  );
  const isRetryable = isOver && run.status !== 'COMPLETED';
  return (
    <PageFrame title={`Run of ${workflowName}`} isWide>
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 max-sm:basis-full">
          <h1 className="flex flex-wrap items-center gap-x-3 text-base font-semibold">
            <Link to={`/workflows/${run.workflowId}`} className="truncate hover:underline">
              {workflowName}
            </Link>
            <StatusBadge status={run.status} />
          </h1>
          <p className="text-xs text-muted">
            <Time at={run.createdAt} /> · {durationOf(run, Date.now()) ?? 'not started'} · {scopeOf(run)} ·{' '}
            {triggerOf(run)}
            {run.retryOf !== null && (
              <>
                {' '}
                of an{' '}
                <Link to={`/runs/${run.retryOf}`} className="underline">
                  earlier run
                </Link>
              </>
            )}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {!isOver && (
            <Button onClick={() => void api.cancelRun(run.id).catch(fail('The run could not be cancelled'))}>
              <CircleStop size={14} aria-hidden /> Cancel
            </Button>
          )}
          {isRetryable && (
            <Button variant="primary" onClick={retry}>
              <RotateCcw size={14} aria-hidden /> Retry failed
            </Button>
          )}
          {isOver && (
            <Button
              onClick={() => {
                const body = run.mode === 'all' ? { mode: run.mode } : { mode: run.mode, nodeIds: run.nodeIds ?? [] };
                api
                  .startRun(run.workflowId, body)
                  .then((next) => void navigate(`/runs/${next.id}`), fail('The run could not start'));
              }}
            >
              Run again
            </Button>
          )}
          <Link to={`/workflows/${run.workflowId}`} className={buttonClass()}>
            <Pencil size={14} aria-hidden /> Edit
          </Link>
          <IconButton
            label="Copy the link"
            variant="secondary"
            onClick={() => void copyText(location.href).then(() => notify({ title: 'Link copied', kind: 'success' }))}
          >
            <Link2 size={15} />
          </IconButton>
          <IconButton
            label="Download the outputs"
            variant="secondary"
            onClick={() => saveFile(`run-${run.id.slice(0, 8)}.json`, outputsFile(executions))}
          >
            <Download size={15} />
          </IconButton>
          {isOver && (
            <IconButton label="Delete the run" variant="secondary" onClick={() => setIsDeleting(true)}>
              <Trash2 size={15} />
            </IconButton>
          )}
        </div>
      </div>
      {run.error !== null && <p className="mb-4 rounded-md bg-danger-soft px-3 py-2 text-danger">{run.error}</p>}
      <div className="mb-4 h-[44vh] min-h-64 overflow-hidden rounded-xl border border-line">
        <EnvironmentContext value={environment}>
          <ReactFlowProvider>
            <Canvas
              isSnapping={false}
              isPhone={isPhone}
              quickAddAt={null}
              onQuickAdd={() => undefined}
              onContextMenu={() => undefined}
              onOpenNode={() => undefined}
            />
          </ReactFlowProvider>
        </EnvironmentContext>
      </div>
      <div className="grid items-start gap-4 lg:grid-cols-[1fr_340px]">
        <div className="min-w-0 overflow-hidden rounded-xl border border-line bg-surface">
          <Tabs
            label="Node executions"
            value={tab}
            onChange={setTab}
            tabs={[
              {
                value: 'timeline',
                label: 'Timeline',
                panel: (
                  <Gantt
                    executions={executions}
                    nowMs={Date.now()}
                    selectedId={selected?.id ?? null}
                    onSelect={({ id }) => setSelectedId(id)}
                  />
                ),
              },
              {
                value: 'table',
                label: 'Table',
                panel: (
                  <ExecutionTable
                    executions={executions}
                    selectedId={selected?.id ?? null}
                    onSelect={({ id }) => setSelectedId(id)}
                  />
                ),
              },
            ]}
          />
        </div>
        <div className="min-w-0 overflow-hidden rounded-xl border border-line bg-surface">
          {selected === undefined ? (
            <p className="px-4 py-8 text-center text-muted">Choose a node to see what went in and what came out.</p>
          ) : (
            <>
              <h2 className="border-b border-line px-4 py-2 font-semibold">{selected.nodeLabel ?? selected.nodeId}</h2>
              <ExecutionDetails execution={selected} />
            </>
          )}
        </div>
      </div>
      <ConfirmDialog
        open={isDeleting}
        title="Delete this run?"
        description="Its history, inputs and outputs are removed. This cannot be undone."
        confirmLabel="Delete the run"
        onClose={() => setIsDeleting(false)}
        onConfirm={() => {
          api.deleteRun(run.id).then(() => {
            void queries.invalidateQueries({ queryKey: queryKeys.runs(run.workflowId) });
            void navigate(`/workflows/${run.workflowId}?panel=runs`);
          }, fail('The run could not be deleted'));
        }}
      />
    </PageFrame>
  );
}

function outputsFile(executions: RunDetail['nodeExecutions']): Blob {
  const outputs = executions.map(({ nodeId, nodeLabel, status, outputData }) => ({
    nodeId,
    nodeLabel,
    status,
    outputData,
  }));
  return new Blob([JSON.stringify(outputs, null, 2)], { type: 'application/json' });
}
