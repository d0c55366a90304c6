import { useCallback, useState } from 'react';
import { useApp } from '../api/context.ts';

/** Saves everything that a run put out as one archive. */
export function useRunDownload(): { isPacking: boolean; download(runId: string): void } {
  const { api, notify } = useApp();
  const [isPacking, setIsPacking] = useState(false);
  const download = useCallback(
    (runId: string) => {
      const pack = async () => {
        const [{ outputs }, { loadBytes, zipOutputs }, { saveFile }] = await Promise.all([
          api.exportRun(runId),
          import('./download-outputs.ts'),
          import('../workflows/export-workflow.ts'),
        ]);
        if (outputs.every(({ outputData }) => outputData === null)) {
          notify({ title: 'Nothing to download', description: 'This run has no outputs.' });
          return;
        }
        saveFile(`run-${runId.slice(0, 8)}.zip`, await zipOutputs(outputs, loadBytes));
      };
      setIsPacking(true);
      pack()
        .catch((error: Error) =>
          notify({ title: 'The download could not be prepared', description: error.message, kind: 'error' }),
        )
        .finally(() => setIsPacking(false));
    },
    [api, notify],
  );
  return { isPacking, download };
}
