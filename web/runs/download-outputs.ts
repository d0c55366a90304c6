import { formatOf } from '../../core/data-types/files.ts';
import type { RunFile } from '../../core/api/runs.ts';
import { isAssetReference } from '../../core/node-type/values.ts';
import { archiveOf, type ArchiveEntry } from '../results/archive.ts';
import { safeName } from '../results/results.ts';

/** What a run put out, as one archive: `outputs.json`, and each file and text as a file of its own. */
export function zipOutputs(outputs: RunFile['outputs']): Promise<Blob> {
  const entries: ArchiveEntry[] = [{ name: 'outputs.json', content: JSON.stringify(outputs, null, 2) }];
  for (const { nodeId, nodeLabel, outputData } of outputs) {
    const named = Object.entries(outputData ?? {});
    for (const [handle, value] of named.flatMap(([name, values]) =>
      [values].flat().map((each) => [name, each] as const),
    )) {
      const label = nodeLabel ?? nodeId;
      const base = safeName(named.length === 1 ? label : `${label} ${handle}`);
      if (isAssetReference(value)) {
        entries.push({
          name: `${base}.${formatOf(value.mimeType)?.extension ?? 'bin'}`,
          content: { url: value.url },
        });
      } else if (typeof value === 'string') {
        entries.push({ name: `${base}.txt`, content: value });
      }
    }
  }
  return archiveOf(entries);
}
