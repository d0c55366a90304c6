import { useEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { useApp, useMe } from '../api/context.ts';
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
  const { api } = useApp();
  const me = useMe().data;
  const workflowId = useShownRun()?.workflowId ?? 0;
  const stars = starsOf(api, me?.id, workflowId);
  useEffect(() => {
    if (workflowId === 0) return;
    const refresh = () => void stars.refresh();
    refresh();
    // Another browser may have marked some; what could not be sent is sent.
    window.addEventListener('focus', refresh);
    window.addEventListener('online', refresh);
    return () => {
      window.removeEventListener('focus', refresh);
      window.removeEventListener('online', refresh);
    };
  }, [stars, workflowId]);
  return { stars, marked: useStore(stars.state) };
}
