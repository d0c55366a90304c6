import { Download } from 'lucide-react';
import { useState } from 'react';
import type { SourceName } from '../../core/run/source-names.ts';
import { useApp } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';

/** The results of a run as one archive. */
export function DownloadAll({
  runId,
  outputs,
  findSources,
}: {
  runId: string;
  /** By name. */
  outputs: Readonly<Record<string, unknown>>;
  /** The names of the files that they were made from, by name. The archive does without them where this fails. */
  findSources(): Promise<Readonly<Record<string, SourceName>>>;
}) {
  const { notify } = useApp();
  const [isPacking, setIsPacking] = useState(false);
  const results = Object.entries(outputs);
  if (results.length === 0) return null;
  const pack = async () => {
    const [{ zipOutputs }, { saveFile }, sources] = await Promise.all([
      import('../runs/download-outputs.ts'),
      import('../workflows/export-workflow.ts'),
      findSources().catch((): Readonly<Record<string, SourceName>> => ({})),
    ]);
    const named = results.map(([name, value]) => ({
      nodeId: name,
      nodeLabel: name,
      status: 'COMPLETED' as const,
      outputData: { [name]: value },
      sources: { [name]: sources[name] ?? null },
      given: false,
    }));
    saveFile(`results-${runId.slice(0, 8)}.zip`, await zipOutputs(named));
  };
  const download = () => {
    setIsPacking(true);
    pack()
      .catch((error: Error) =>
        notify({ title: 'The download could not be prepared', description: error.message, kind: 'error' }),
      )
      .finally(() => setIsPacking(false));
  };
  return (
    <Button disabled={isPacking} onClick={download}>
      <Download size={14} aria-hidden /> Download all
    </Button>
  );
}
