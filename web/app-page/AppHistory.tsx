import { useInfiniteQuery } from '@tanstack/react-query';
import { isRunFinished } from '../../core/run/status.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { durationOf } from '../runs/run-words.ts';
import { Button } from '../ui/Button.tsx';
import { OwnRuns } from './OwnRuns.tsx';

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
    <OwnRuns
      runs={items}
      shown={shown}
      onShow={onShow}
      aside={(run) => <span className="w-14 text-right text-xs text-muted">{durationOf(run, Date.now()) ?? '–'}</span>}
    >
      {runs.hasNextPage && (
        <div className="pt-3 text-center">
          <Button size="sm" disabled={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            Load older runs
          </Button>
        </div>
      )}
    </OwnRuns>
  );
}
