import { useQueries } from '@tanstack/react-query';
import { GitCompareArrows } from 'lucide-react';
import { Link, useParams } from 'react-router';
import type { NodeExecution, RunDetail } from '../../core/api/runs.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { PageFrame } from '../shell/PageFrame.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { StatusBadge } from '../ui/Status.tsx';
import { Time } from '../ui/Time.tsx';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { formatDuration } from '../ui/format.ts';
import { durationOf } from './run-words.ts';

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
  return (
    <PageFrame title="Compare runs" isWide>
      <h1 className="mb-4 text-base font-semibold">Compare two runs</h1>
      {error ? (
        <EmptyState icon={<GitCompareArrows size={20} aria-hidden />} title="These runs cannot be compared">
          {error.message}
        </EmptyState>
      ) : left?.data === undefined || right?.data === undefined ? (
        <div className="skeleton h-80" />
      ) : (
        <Comparison left={left.data} right={right.data} />
      )}
    </PageFrame>
  );
}

function Comparison({ left, right }: { left: RunDetail; right: RunDetail }) {
  const nodeIds = [...new Set([...left.nodeExecutions, ...right.nodeExecutions].map(({ nodeId }) => nodeId))];
  const find = (run: RunDetail, nodeId: string) => run.nodeExecutions.find((execution) => execution.nodeId === nodeId);
  return (
    <div
      className="overflow-x-auto rounded-xl border border-line bg-surface"
      tabIndex={0}
      role="region"
      aria-label="Comparison"
    >
      <table className="w-full min-w-120 table-fixed sm:min-w-160 text-left text-xs">
        <thead>
          <tr className="border-b border-line align-top">
            <th className="w-28 px-4 sm:w-44 py-3 font-medium text-faint">Node</th>
            {[left, right].map((run) => (
              <th key={run.id} className="px-4 py-3 font-normal">
                <Link to={`/runs/${run.id}`} className="font-medium hover:underline">
                  <Time at={run.createdAt} />
                </Link>
                <span className="flex items-center gap-3 text-muted">
                  <StatusBadge status={run.status} /> {durationOf(run, Date.now()) ?? '–'}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {nodeIds.map((nodeId) => {
            const [a, b] = [find(left, nodeId), find(right, nodeId)];
            const isSame = JSON.stringify(a?.outputData ?? null) === JSON.stringify(b?.outputData ?? null);
            return (
              <tr key={nodeId} className="border-b border-line align-top last:border-0">
                <th scope="row" className="px-4 py-3 font-medium">
                  {a?.nodeLabel ?? b?.nodeLabel ?? nodeId}
                  <span className={`block text-2xs font-normal ${isSame ? 'text-faint' : 'text-accent-text'}`}>
                    {isSame ? 'same output' : 'different output'}
                  </span>
                </th>
                <Side execution={a} />
                <Side execution={b} />
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Side({ execution }: { execution: NodeExecution | undefined }) {
  if (execution === undefined) return <td className="px-4 py-3 text-faint">No part in this run</td>;
  return (
    <td className="px-4 py-3">
      <span className="mb-1 flex items-center gap-3 text-muted">
        <StatusBadge status={execution.cached ? 'cached' : execution.status} />
        {execution.duration !== null && formatDuration(execution.duration)}
      </span>
      {execution.error !== null && <p className="text-danger">{execution.error}</p>}
      {Object.entries(execution.outputData ?? {}).map(([handle, value]) => (
        <ValuePreview key={handle} value={value} title={handle} size="small" />
      ))}
    </td>
  );
}
