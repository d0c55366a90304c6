import { useQuery } from '@tanstack/react-query';
import type { Wait } from '../../core/api/waits.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { useRuns, useShownRun } from '../canvas/environment.ts';
import { listOpenWaits } from './waits-api.ts';

/** Between two looks: a node that is repeated asks again with each of its parts. */
const lookEveryMs = 15_000;
const none: readonly Wait[] = [];

/** What the shown run asks people, the oldest first. */
export function useQuestionsOfRun(): readonly Wait[] {
  const { api } = useApp();
  const runId = useShownRun()?.id;
  const waiting = useRuns(({ view }) =>
    Object.values(view?.nodes ?? {})
      .filter(({ execution }) => execution.status === 'WAITING')
      .map(({ execution: { nodeId, attempt } }) => `${nodeId} ${attempt}`)
      .join(),
  );
  const { data } = useQuery({
    queryKey: [...queryKeys.waits, 'of run', runId, waiting],
    queryFn: ({ signal }) => listOpenWaits(api, { ...(runId !== undefined && { runId }) }, signal),
    enabled: runId !== undefined && waiting !== '',
    refetchInterval: lookEveryMs,
  });
  return waiting === '' ? none : (data?.items ?? none);
}
