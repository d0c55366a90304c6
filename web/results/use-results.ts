import { useMemo } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { useMe } from '../api/context.ts';
import { useEnvironment, useRuns, useShownRun } from '../canvas/environment.ts';
import { groupResults, type ResultGroup } from './results.ts';
import { starsOf, type Stars } from './stars.ts';

/** The results of the shown run by node; drawn again only where a node puts something out. */
export function useResultGroups(): readonly ResultGroup[] {
  const { catalogue } = useEnvironment();
  const executions = useRuns(
    useShallow(({ view }) =>
      Object.values(view?.nodes ?? {})
        .map(({ execution }) => execution)
        .filter(({ status, outputData }) => status === 'COMPLETED' && outputData !== null),
    ),
  );
  return useMemo(() => groupResults(executions, catalogue), [executions, catalogue]);
}

/** The marks of the workflow whose run is shown. */
export function useStars(): { readonly stars: Stars; readonly marked: ReadonlySet<string> } {
  const me = useMe().data;
  const run = useShownRun();
  const stars = starsOf(me?.id, run?.workflowId ?? 0);
  return { stars, marked: useStore(stars.state) };
}
