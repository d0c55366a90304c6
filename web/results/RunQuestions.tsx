import { useQuery } from '@tanstack/react-query';
import { queryKeys, useApp } from '../api/context.ts';
import { useRuns, useShownRun } from '../canvas/environment.ts';
import { QuestionView } from '../waits/QuestionView.tsx';
import { listOpenWaits } from '../waits/waits-api.ts';

/** Between two looks: a node that is repeated asks again with each of its parts. */
const lookEveryMs = 15_000;

/** What the shown run asks people, to be answered here. Nothing where nothing waits. */
export function RunQuestions() {
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
  const items = waiting === '' ? [] : (data?.items ?? []);
  if (items.length === 0) return null;
  return (
    <ul aria-label="Questions of this run" className="flex flex-col gap-4 border-b border-line bg-surface p-4">
      {items.map((wait) => (
        <li key={wait.id} className="flex flex-col gap-2">
          <h2 className="text-xs text-status-waiting">{wait.nodeLabel ?? wait.nodeId} waits for you</h2>
          <QuestionView wait={wait} place="page" />
        </li>
      ))}
    </ul>
  );
}
