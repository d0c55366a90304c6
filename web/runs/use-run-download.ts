import { useCallback, useState } from 'react';
import { queryKeys, useApp } from '../api/context.ts';

/** Saves everything that a run put out as one archive, named after its workflow and itself. */
export function useRunDownload(): { isPacking: boolean; download(runId: string): void } {
  const { api, queries, notify } = useApp();
  const [isPacking, setIsPacking] = useState(false);
  const download = useCallback(
    (runId: string) => {
      const pack = async () => {
        const [{ outputs, workflowId }, { zipOutputs }, { archiveName }, { saveFile }] = await Promise.all([
          api.exportRun(runId),
          import('./download-outputs.ts'),
          import('../results/archive.ts'),
          import('../workflows/export-workflow.ts'),
        ]);
        if (outputs.every(({ outputData }) => outputData === null)) {
          notify({ title: 'Nothing to download', description: 'This run has no outputs.' });
          return;
        }
        const { name } = await queries.fetchQuery({
          queryKey: queryKeys.workflow(workflowId),
          queryFn: () => api.getWorkflow(workflowId),
          // A name of some minutes ago will do.
          staleTime: 300_000,
        });
        saveFile(archiveName(name, runId), await zipOutputs(outputs));
      };
      setIsPacking(true);
      pack()
        .catch((error: Error) =>
          notify({ title: 'The download could not be prepared', description: error.message, kind: 'error' }),
        )
        .finally(() => setIsPacking(false));
    },
    [api, queries, notify],
  );
  return { isPacking, download };
}
