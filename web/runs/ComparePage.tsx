import { useQueries } from '@tanstack/react-query';
import { Columns2, Diff, GitCompareArrows } from 'lucide-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import type { NodeExecution, RunDetail } from '../../core/api/runs.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { useCatalogue } from '../api/use-catalogue.ts';
import { groupResults, type Result } from '../results/results.ts';
import { Button, buttonClass } from '../ui/Button.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import { DeadEnd } from '../shell/DeadEnd.tsx';
import { NotYours } from '../shell/NotYours.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { shownStatusOf } from '../live/node-status.ts';
import { StatusBadge } from '../ui/Status.tsx';
import { Time } from '../ui/Time.tsx';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { cn } from '../ui/cn.ts';
import { formatDuration } from '../ui/format.ts';
import { durationOf } from './run-words.ts';

const compareResults = lazyPart(() => import('../results/CompareResults.tsx'), 'CompareResults');

/** Two runs side by side, node by node; what differs is marked. */
export function ComparePage() {
  const { runId = '', otherId = '' } = useParams();
  const { api } = useApp();
  const [left, right] = useQueries({
    queries: [runId, otherId].map((id) => ({
      queryKey: queryKeys.run(id),
      queryFn: () => api.getRun(id),
      retry: false,
    })),
  });
  const error = left?.error ?? right?.error;
  if (error) {
    return (
      <DeadEnd
        page="Compare runs"
        icon={<GitCompareArrows size={20} aria-hidden />}
        title="These runs could not be compared"
      >
        <NotYours error={error} what="run" instead="ask them to download the outputs and send you the files." />
      </DeadEnd>
    );
  }
  return (
    <PageFrame title="Compare runs" isWide>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <h1 className="flex-1 text-base font-semibold">Compare two runs</h1>
        {left?.data !== undefined && left.data.workflowId === right?.data?.workflowId && (
          <Link
            to={`/workflows/${left.data.workflowId}/compare?from=run:${runId}&to=run:${otherId}`}
            className={buttonClass()}
          >
            <Diff size={14} aria-hidden /> Compare their graphs
          </Link>
        )}
      </div>
      {left?.data === undefined || right?.data === undefined ? (
        <div className="skeleton h-80" />
      ) : (
        <Comparison left={left.data} right={right.data} />
      )}
    </PageFrame>
  );
}

/** Side by side; on a phone one below the other, each with the name of its run. */
const columns = 'grid sm:grid-cols-[9rem_minmax(0,1fr)_minmax(0,1fr)]';

function Comparison({ left, right }: { left: RunDetail; right: RunDetail }) {
  const { catalogue } = useCatalogue();
  const [compared, setCompared] = useState<readonly Result[] | null>(null);
  /** The first result of a node in each of both runs; null where one has none. */
  const pairOf = (executions: readonly (NodeExecution | undefined)[]): readonly Result[] | null => {
    if (catalogue === undefined) return null;
    const firsts = executions.flatMap((execution) =>
      execution === undefined ? [] : (groupResults([execution], catalogue)[0]?.results.slice(0, 1) ?? []),
    );
    return firsts.length === 2 ? firsts : null;
  };
  const nodeIds = [...new Set([...left.nodeExecutions, ...right.nodeExecutions].map(({ nodeId }) => nodeId))];
  const sides = [
    { name: 'First run', run: left },
    { name: 'Second run', run: right },
  ];
  return (
    <div className="rounded-xl border border-line bg-surface text-xs">
      <div className={cn(columns, 'grid-cols-2 border-b border-line')}>
        <span className="max-sm:hidden" />
        {sides.map(({ name, run }) => (
          <div key={name} className="min-w-0 px-4 py-3">
            <span className="block text-faint">{name}</span>
            <Link to={`/runs/${run.id}`} className="font-medium hover:underline">
              <Time at={run.createdAt} />
            </Link>
            <span className="flex flex-wrap items-center gap-x-3 text-muted">
              <StatusBadge status={run.status} /> {durationOf(run, Date.now()) ?? '–'}
            </span>
          </div>
        ))}
      </div>
      <ul aria-label="Nodes">
        {nodeIds.map((nodeId) => {
          const executions = sides.map(({ run }) =>
            run.nodeExecutions.find((execution) => execution.nodeId === nodeId),
          );
          const [a, b] = executions;
          const pair = pairOf(executions);
          const isSame = JSON.stringify(a?.outputData ?? null) === JSON.stringify(b?.outputData ?? null);
          return (
            <li key={nodeId} className={cn(columns, 'border-b border-line py-1.5 last:border-0')}>
              <div className="min-w-0 px-4 py-1.5">
                <h2 className="font-medium break-words">{a?.nodeLabel ?? b?.nodeLabel ?? nodeId}</h2>
                <span className={cn('block text-2xs', isSame ? 'text-faint' : 'text-accent-text')}>
                  {isSame ? 'same output' : 'different output'}
                </span>
                {!isSame && pair !== null && (
                  <Button size="sm" className="mt-1" onClick={() => setCompared(pair)}>
                    <Columns2 size={13} aria-hidden /> Compare
                  </Button>
                )}
              </div>
              {sides.map(({ name }, index) => (
                <div key={name} className="min-w-0 px-4 py-1.5">
                  <span className="block text-faint sm:hidden">{name}</span>
                  <Side execution={executions[index]} />
                </div>
              ))}
            </li>
          );
        })}
      </ul>
      {compared !== null && catalogue !== undefined && (
        <compareResults.Component results={compared} catalogue={catalogue} onClose={() => setCompared(null)} />
      )}
    </div>
  );
}

function Side({ execution }: { execution: NodeExecution | undefined }) {
  if (execution === undefined) return <p className="text-faint">Not part of this run</p>;
  return (
    <>
      <span className="mb-1 flex items-center gap-3 text-muted">
        <StatusBadge status={shownStatusOf(execution)} />
        {execution.duration !== null && formatDuration(execution.duration)}
      </span>
      {execution.error !== null && <p className="break-words text-danger">{execution.error}</p>}
      {Object.entries(execution.outputData ?? {}).map(([handle, value]) => (
        <ValuePreview key={handle} value={value} title={handle} size="small" />
      ))}
    </>
  );
}
