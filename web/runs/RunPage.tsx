import { useQuery } from '@tanstack/react-query';
import { Pencil, Waypoints } from 'lucide-react';
import { useCallback } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useStore } from 'zustand';
import { isRunFinished } from '../../core/run/status.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { ConnectionHint } from '../canvas/top-bar/ConnectionHint.tsx';
import { DeadEnd } from '../shell/DeadEnd.tsx';
import { standingOf } from '../live/summarize.ts';
import { NotYours } from '../shell/NotYours.tsx';
import { RunResults } from '../results/RunResults.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { buttonClass } from '../ui/Button.tsx';
import { StatusBadge } from '../ui/Status.tsx';
import { RunActions } from './RunActions.tsx';
import { RunCanvas } from './RunCanvas.tsx';
import { RunFacts } from './RunFacts.tsx';
import { RunPanels } from './RunPanels.tsx';
import { useRun, useShownRunSession, type LoadedRun } from './use-run.ts';

/** One run on a page of its own, for the person who started it. */
export function RunPage() {
  const { runId = '' } = useParams();
  const { api } = useApp();
  const { loaded, error } = useRun(runId);
  const run = loaded?.run;
  const workflow = useQuery({
    queryKey: queryKeys.workflow(run?.workflowId ?? 0),
    queryFn: () => api.getWorkflow(run!.workflowId),
    enabled: run !== undefined,
  });
  if (error !== null) {
    return (
      <DeadEnd page="Run" icon={<Waypoints size={20} aria-hidden />} title="This run could not be loaded">
        <NotYours error={error} what="run" instead="ask them to download the outputs and send you the file." />
      </DeadEnd>
    );
  }
  if (loaded === null) {
    return (
      <PageFrame title="Run">
        <div className="skeleton mb-4 h-16" />
        <div className="skeleton h-96" />
      </PageFrame>
    );
  }
  return <RunView key={runId} loaded={loaded} workflowName={workflow.data?.name ?? 'Workflow'} />;
}

function RunView({ loaded, workflowName }: { loaded: LoadedRun; workflowName: string }) {
  const navigate = useNavigate();
  const open = useCallback((id: string) => void navigate(`/runs/${id}`), [navigate]);
  const { environment, run, executions, selected, select } = useShownRunSession(loaded, open);
  const connection = useStore(environment.runs.api, (state) => state.connection);
  return (
    <PageFrame title={`Run of ${workflowName}`} isWide>
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 max-sm:basis-full">
          <h1 className="flex flex-wrap items-center gap-x-3 text-base font-semibold">
            <Link to={`/workflows/${run.workflowId}`} className="truncate hover:underline">
              {workflowName}
            </Link>
            <StatusBadge status={standingOf(run, executions)} />
            {!isRunFinished(run.status) && <ConnectionHint connection={connection} />}
          </h1>
          <RunFacts run={run} />
        </div>
        <RunActions
          run={run}
          executions={executions}
          onStarted={open}
          onDeleted={() => void navigate(`/workflows/${run.workflowId}?panel=runs`)}
        >
          <Link to={`/workflows/${run.workflowId}`} className={buttonClass()}>
            <Pencil size={14} aria-hidden /> Edit
          </Link>
        </RunActions>
      </div>
      {run.error !== null && <p className="mb-4 rounded-md bg-danger-soft px-3 py-2 text-danger">{run.error}</p>}
      <RunResults environment={environment} workflowName={workflowName} />
      <div className="mb-4 h-[46vh] min-h-64 overflow-hidden rounded-xl border border-line">
        <RunCanvas environment={environment} />
      </div>
      <RunPanels run={run} executions={executions} selected={selected} onSelect={select} />
    </PageFrame>
  );
}
