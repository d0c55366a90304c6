import { useInfiniteQuery } from '@tanstack/react-query';
import { UserCheck } from 'lucide-react';
import { Link } from 'react-router';
import type { Wait } from '../../core/api/waits.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { PageFrame } from '../shell/PageFrame.tsx';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Time } from '../ui/Time.tsx';
import { listOpenWaits } from './waits-api.ts';
import { QuestionView } from './QuestionView.tsx';

/** Between two looks while somebody sees the page. */
const lookEveryMs = 15_000;

/** What runs ask their people, the oldest question first; each is answered where it stands. */
export function WaitsPage() {
  const { api } = useApp();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [...queryKeys.waits, 'page'],
    queryFn: ({ pageParam, signal }) => listOpenWaits(api, { cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: lookEveryMs,
    refetchOnWindowFocus: true,
  });
  const waits = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <PageFrame title="Waiting for you">
      <h1 className="mb-4 text-lg font-semibold">Waiting for you</h1>
      {error !== null && <p className="rounded-md bg-danger-soft px-3 py-2 text-danger">{error.message}</p>}
      {data === undefined && error === null && <div role="status" aria-label="Loading" className="skeleton h-40" />}
      {data !== undefined && waits.length === 0 && (
        <EmptyState icon={<UserCheck size={28} />} title="Nothing waits for you">
          When a run reaches an Approve or a Choose node, its question stands here.
        </EmptyState>
      )}
      <ul className="flex max-w-180 flex-col gap-4">
        {waits.map((wait) => (
          <li key={wait.id} className="rounded-xl border border-line bg-surface p-4">
            <Origin wait={wait} />
            <QuestionView wait={wait} place="page" />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button className="mt-4" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </PageFrame>
  );
}

/** Which node of which workflow asks, since when, and until when. */
function Origin({ wait }: { wait: Wait }) {
  return (
    <p className="mb-2 flex flex-wrap items-center gap-x-2 text-xs text-muted">
      <Link to={`/runs/${wait.runId}`} className="font-medium text-ink hover:underline">
        {wait.workflowName}: {wait.nodeLabel ?? wait.nodeId}
      </Link>
      <Time at={wait.createdAt} />
      {wait.dueAt !== null && (
        <span>until {new Date(wait.dueAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}</span>
      )}
    </p>
  );
}
