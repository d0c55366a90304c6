import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { queryKeys, useApp } from '../api/context.ts';
import { listOpenWaits } from './waits-api.ts';
import { QuestionView } from './QuestionView.tsx';

/** Between two looks: a node that is repeated asks again with each of its parts. */
const lookEveryMs = 15_000;

/** The question that a node of the shown run waits with, to be answered in place, one after another where it has several. */
export function NodeQuestion({ runId, nodeId, attempt }: { runId: string; nodeId: string; attempt: number }) {
  const { api, queries } = useApp();
  // It came just now: the sign in the top bar counts it at once.
  useEffect(
    () => void queries.invalidateQueries({ queryKey: [...queryKeys.waits, 'open'] }),
    [queries, nodeId, attempt],
  );
  const { data, error } = useQuery({
    queryKey: [...queryKeys.waits, runId, nodeId, attempt],
    queryFn: ({ signal }) => listOpenWaits(api, { runId, nodeId }, signal),
    refetchInterval: lookEveryMs,
  });
  if (error !== null) return <p className="text-xs text-danger">{error.message}</p>;
  if (data === undefined) return <div role="status" aria-label="Loading" className="skeleton h-16" />;
  const [wait] = data.items;
  if (wait === undefined) return null;
  const count = data.items.length;
  return (
    <>
      {count > 1 && (
        <p role="status" className="text-xs text-status-waiting">
          {data.nextCursor === null ? count : `More than ${count}`} questions are open; this is the oldest.
        </p>
      )}
      <QuestionView key={wait.id} wait={wait} place="node" />
    </>
  );
}
