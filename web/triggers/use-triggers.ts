import { useMemo } from 'react';
import { useApp } from '../api/context.ts';
import { triggersApi, type TriggersApi } from './triggers-api.ts';

/** What the parts of the page ask and tell with. */
export interface TriggerTools {
  readonly api: TriggersApi;
  /** Reads everything on the page again. */
  readonly refresh: () => void;
  /** Does something and reads the page again; a failure is told under the title. */
  readonly attempt: (work: Promise<unknown>, failure: string) => Promise<boolean>;
}

/** What belongs to the page of a workflow's triggers is kept under this. */
export const triggersKey = (workflowId: number) => ['triggers', workflowId] as const;

export function useTriggerTools(workflowId: number): TriggerTools {
  const { api, queries, notify } = useApp();
  return useMemo(() => {
    const read = (part?: 'list' | 'callbacks') =>
      queries.invalidateQueries({ queryKey: [...triggersKey(workflowId), ...(part === undefined ? [] : [part])] });
    // The lists first: of what was deleted nothing more is asked.
    const refresh = () => void Promise.all([read('list'), read('callbacks')]).then(() => read());
    return {
      api: triggersApi(api),
      refresh,
      attempt: async (work, failure) => {
        try {
          await work;
          return true;
        } catch (error) {
          notify({
            title: failure,
            description: error instanceof Error ? error.message : String(error),
            kind: 'error',
          });
          return false;
        } finally {
          refresh();
        }
      },
    };
  }, [api, queries, notify, workflowId]);
}
