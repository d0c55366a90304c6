import { useInfiniteQuery } from '@tanstack/react-query';
import { ExternalLink, GitCompareArrows, History, X } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { queryKeys, useApp } from '../api/context.ts';
import { useShownRun } from '../canvas/environment.ts';
import type { WorkflowSession } from '../canvas/workflow-session.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { StatusIcon, statusLabel } from '../ui/Status.tsx';
import { Time } from '../ui/Time.tsx';
import { durationOf, scopeOf, triggerOf } from './run-words.ts';

interface RunsPanelProps {
  workflowId: number;
  session: WorkflowSession;
  onClose(): void;
}

/** Every run of the workflow, newest first; a click puts its states on the canvas. */
export function RunsPanel({ workflowId, session, onClose }: RunsPanelProps) {
  const { api } = useApp();
  const shown = useShownRun();
  const navigate = useNavigate();
  const [compared, setCompared] = useState<readonly string[]>([]);
  const runs = useInfiniteQuery({
    queryKey: queryKeys.runs(workflowId),
    queryFn: ({ pageParam }) =>
      api.listRuns(workflowId, { limit: 30, ...(pageParam !== null && { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const toggle = (id: string) =>
    setCompared((ids) => (ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id].slice(-2)));
  return (
    <aside
      aria-label="Runs"
      className="flex w-80 shrink-0 flex-col border-l border-line bg-surface max-sm:fixed max-sm:inset-0 max-sm:top-12 max-sm:z-30 max-sm:w-full"
    >
      <div className="flex h-11 items-center gap-2 border-b border-line pr-2 pl-4">
        <h2 className="flex-1 font-semibold">Runs</h2>
        {compared.length === 2 && (
          <Button size="sm" onClick={() => void navigate(`/runs/${compared[0]}/compare/${compared[1]}`)}>
            <GitCompareArrows size={13} aria-hidden /> Compare
          </Button>
        )}
        <IconButton label="Hide the runs" shortcut="R" onClick={onClose}>
          <X size={16} />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {runs.isPending && [0, 1, 2, 3].map((row) => <div key={row} className="skeleton m-3 h-10" />)}
        {runs.error !== null && (
          <EmptyState
            icon={<History size={20} aria-hidden />}
            title="The runs could not be loaded"
            actions={<Button onClick={() => void runs.refetch()}>Try again</Button>}
          >
            {runs.error.message}
          </EmptyState>
        )}
        {runs.isSuccess && items.length === 0 && (
          <EmptyState icon={<History size={20} aria-hidden />} title="No runs yet">
            Press Run, and every step of it is kept here.
          </EmptyState>
        )}
        <ul aria-label="Run history">
          {items.map((run) => (
            <li
              key={run.id}
              className={cn(
                'group flex items-center gap-1 border-b border-line pr-2',
                shown?.id === run.id && 'bg-raised',
              )}
            >
              <button
                type="button"
                aria-pressed={shown?.id === run.id}
                data-run-id={run.id}
                onClick={() => session.live.follow(run.id)}
                className="flex min-w-0 flex-1 items-start gap-2.5 py-2.5 pl-4 text-left hover:bg-hover"
              >
                <span className="mt-0.5">
                  <StatusIcon status={run.status} size={15} />
                </span>
                <span className="min-w-0 flex-1">
                  <span className="flex justify-between gap-2">
                    <span className="font-medium">{statusLabel(run.status)}</span>
                    <span className="text-xs text-muted">{durationOf(run, Date.now()) ?? '–'}</span>
                  </span>
                  <span className="block truncate text-xs text-faint">
                    <Time at={run.createdAt} /> · {scopeOf(run)} · {triggerOf(run)}
                  </span>
                </span>
              </button>
              <input
                type="checkbox"
                aria-label="Choose to compare"
                title="Choose two runs to compare"
                checked={compared.includes(run.id)}
                onChange={() => toggle(run.id)}
                className="size-4 accent-accent"
              />
              <Link
                to={`/runs/${run.id}`}
                aria-label="Open the run page"
                title="Open the run page"
                className="rounded-md p-1.5 text-muted hover:bg-hover hover:text-ink"
              >
                <ExternalLink size={14} aria-hidden />
              </Link>
            </li>
          ))}
        </ul>
        {runs.hasNextPage && (
          <div className="p-3 text-center">
            <Button size="sm" disabled={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
              Older runs
            </Button>
          </div>
        )}
      </div>
    </aside>
  );
}
