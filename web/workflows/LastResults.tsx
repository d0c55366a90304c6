import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import type { WorkflowSummary } from '../../core/api/workflows.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { useCatalogue } from '../api/use-catalogue.ts';
import { ResultContent } from '../results/ResultTile.tsx';
import '../results/results.css';
import { groupResults, isPicture, type Result } from '../results/results.ts';

/** So many show at once on a card. */
const mostShown = 4;

/** What the last run of a workflow has put out, in small; `children` where there is nothing. */
export function LastResults({
  lastRun,
  isSeen,
  children,
}: {
  readonly lastRun: WorkflowSummary['lastRun'];
  /** Nothing is loaded before. */
  readonly isSeen: boolean;
  readonly children: ReactNode;
}) {
  const { api } = useApp();
  const { catalogue } = useCatalogue();
  const isOver = lastRun !== undefined && isRunFinished(lastRun.status);
  const run = useQuery({
    queryKey: [...queryKeys.run(lastRun?.id ?? ''), 'last'],
    queryFn: () => api.getRun(lastRun!.id),
    enabled: isOver && isSeen,
    // What has ended stays as it is.
    staleTime: Infinity,
    retry: false,
  });
  const results = useMemo(
    () =>
      run.data === undefined || catalogue === undefined
        ? []
        : shownOf(groupResults(run.data.nodeExecutions, catalogue).flatMap((group) => group.results)),
    [run.data, catalogue],
  );
  if (isOver && (run.isPending || catalogue === undefined)) return <div className="skeleton h-full" />;
  if (results.length === 0) return children;
  return (
    <div className="last-results" data-count={results.length}>
      {results.map((result) => (
        <div key={result.key} className="overflow-hidden rounded-md bg-field">
          <ResultContent result={result} />
        </div>
      ))}
    </div>
  );
}

/** What the run has made, pictures before words; what people put in is no result of it. */
function shownOf(results: readonly Result[]): readonly Result[] {
  const made = results.filter(({ isGiven, kind }) => !isGiven && kind !== 'data');
  return [...made.filter(isPicture), ...made.filter((result) => !isPicture(result))].slice(0, mostShown);
}
