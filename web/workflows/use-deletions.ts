import { useCallback, useEffect, useRef, useState } from 'react';
import { queryKeys, useApp } from '../api/context.ts';

/** Time to think again before a workflow is really gone. */
const undoMs = 7_000;

/** Deletes workflows after a time in which it can be taken back. Leaving the page deletes at once. */
export function useDeletions() {
  const { api, queries, notify } = useApp();
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const waiting = useRef(new Map<number, ReturnType<typeof setTimeout>>());

  const show = useCallback((id: number) => {
    setHidden((ids) => new Set([...ids].filter((other) => other !== id)));
  }, []);

  const commit = useCallback(
    (id: number) => {
      waiting.current.delete(id);
      api.deleteWorkflow(id).then(
        () => void queries.invalidateQueries({ queryKey: queryKeys.workflows }),
        (error: Error) => {
          show(id);
          notify({ title: 'Not deleted', description: error.message, kind: 'error' });
        },
      );
    },
    [api, queries, notify, show],
  );

  useEffect(() => {
    const timers = waiting.current;
    return () => {
      for (const [id, timer] of timers) {
        clearTimeout(timer);
        commit(id);
      }
    };
  }, [commit]);

  const remove = useCallback(
    ({ id, name }: { id: number; name: string }) => {
      setHidden((ids) => new Set([...ids, id]));
      waiting.current.set(
        id,
        setTimeout(() => commit(id), undoMs),
      );
      notify({
        title: `Deleted “${name}”`,
        description: 'Its runs are deleted too.',
        timeoutMs: undoMs,
        action: {
          label: 'Undo',
          onSelect: () => {
            clearTimeout(waiting.current.get(id));
            waiting.current.delete(id);
            show(id);
          },
        },
      });
    },
    [commit, notify, show],
  );
  return { hidden, remove };
}
