import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { queryKeys, useApp } from '../api/context.ts';
import { listOpenWaits } from './waits-api.ts';
import { QuestionView } from './QuestionView.tsx';

/** The question that a node of the shown run waits with, to be answered in place; nothing where there is none. */
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
  });
  if (error !== null) return <p className="text-xs text-danger">{error.message}</p>;
  if (data === undefined) return <div role="status" aria-label="Loading" className="skeleton h-16" />;
  const wait = data.items.find(({ partId }) => partId === null);
  return wait === undefined ? null : <QuestionView key={wait.id} wait={wait} place="node" />;
}
