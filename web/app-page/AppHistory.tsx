import { useInfiniteQuery } from '@tanstack/react-query';
import { isRunFinished } from '../../core/run/status.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { durationOf } from '../runs/run-words.ts';
import { Button } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';
import { StatusIcon, statusLabel } from '../ui/Status.tsx';
import { Time } from '../ui/Time.tsx';

/** How often runs that are under way are asked for. */
const askAgainMs = 3_000;

/** Earlier runs of the app, newest first; a click shows one with its results. */
export function AppHistory({
  workflowId,
  shown,
  onShow,
}: {
  workflowId: number;
  shown: string | null;
  onShow(runId: string | null): void;
}) {
  const { api } = useApp();
  const runs = useInfiniteQuery({
    queryKey: [...queryKeys.runs(workflowId), 'app'],
    queryFn: ({ pageParam }) =>
      api.listRuns(workflowId, { limit: 10, ...(pageParam !== null && { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    // Only the shown run is followed; others that are under way are asked for.
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items: runs }) => runs.some(({ status }) => !isRunFinished(status))) === true
        ? askAgainMs
        : false,
  });
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  if (runs.error !== null) return <p className="text-muted">{runs.error.message}</p>;
  if (runs.isSuccess && items.length === 0) return null;
  return (
    <section aria-label="Your runs" className="min-w-0">
      <h2 className="mb-2 text-sm font-semibold">Your runs</h2>
      <ul className="overflow-hidden rounded-xl border border-line bg-surface">
        {items.map((run) => (
          <li key={run.id} className="border-b border-line last:border-0">
            <button
              type="button"
              aria-pressed={shown === run.id}
              onClick={() => onShow(shown === run.id ? null : run.id)}
              className={cn(
                'flex min-h-11 w-full items-center gap-2.5 px-4 py-2 text-left hover:bg-hover',
                shown === run.id && 'bg-raised',
              )}
            >
              <StatusIcon status={run.status} size={15} />
              <span className="min-w-0 flex-1 truncate">{statusLabel(run.status)}</span>
              <span className="text-xs text-faint">
                <Time at={run.createdAt} />
              </span>
              <span className="w-14 text-right text-xs text-muted">{durationOf(run, Date.now()) ?? '–'}</span>
            </button>
          </li>
        ))}
      </ul>
      {runs.hasNextPage && (
        <div className="pt-3 text-center">
          <Button size="sm" disabled={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            Load older runs
          </Button>
        </div>
      )}
    </section>
  );
}
