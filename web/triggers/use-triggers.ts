import { useMemo } from 'react';
import { useApp } from '../api/context.ts';
import { triggersApi, type TriggersApi } from './triggers-api.ts';
import { messageOf } from '../ui/message-of.ts';

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

/** For the page of one workflow; must be below the provider of the app. */
export function useTriggerTools(workflowId: number): TriggerTools {
  const { api, queries, notify } = useApp();
  return useMemo(() => {
    const key = triggersKey(workflowId);
    const idsIn = (part: string) => queries.getQueryData<readonly { readonly id: string }[]>([...key, part]) ?? [];
    const refresh = async () => {
      await Promise.all(['list', 'callbacks'].map((part) => queries.invalidateQueries({ queryKey: [...key, part] })));
      // Of what was deleted nothing more is asked.
      const known = new Set([...idsIn('list'), ...idsIn('callbacks')].map(({ id }) => id));
      await queries.invalidateQueries({ queryKey: key, predicate: ({ queryKey }) => known.has(String(queryKey[3])) });
    };
    return {
      api: triggersApi(api),
      refresh: () => void refresh(),
      attempt: async (work, failure) => {
        try {
          await work;
          return true;
        } catch (error) {
          notify({
            title: failure,
            description: messageOf(error),
            kind: 'error',
          });
          return false;
        } finally {
          void refresh();
        }
      },
    };
  }, [api, queries, notify, workflowId]);
}
