import { extensionOf } from '../../core/data-types/files.ts';
import type { RunFile } from '../../core/api/runs.ts';
import { isAssetReference, isStoredList } from '../../core/node-type/values.ts';
import { nameFrom } from '../../core/run/source-names.ts';
import { archiveOf, type ArchiveEntry } from '../results/archive.ts';
import { mainOutputId, safeName } from '../results/results.ts';
import { loadList } from '../ui/whole-list.ts';

/**
 * What a run put out, as one archive: `outputs.json`, and each file and text as a file of its own, of large lists too, named after the file that it
 * was made from where that is one.
 */
export async function zipOutputs(outputs: RunFile['outputs']): Promise<Blob> {
  const entries: ArchiveEntry[] = [{ name: 'outputs.json', content: JSON.stringify(outputs, null, 2) }];
  /** What one node has made and another of that name only hands on is packed once. */
  const packed = new Set<string>();
  for (const { nodeId, nodeLabel, outputData, sources, given } of outputs) {
    const named = Object.entries(outputData ?? {});
    for (const [handle, value] of named) {
      const label = nodeLabel ?? nodeId;
      const what = named.length === 1 || handle === mainOutputId ? label : `${label} ${handle}`;
      const source = sources[handle] ?? null;
      // A list whose file is gone leaves the rest as it is: outputs.json says how it began.
      const whole = isStoredList(value) ? await loadList(value).catch(() => null) : null;
      if (whole !== null && isStoredList(value))
        entries.push({ name: `${safeName(what)}.jsonl`, content: { url: value.url } });
      const listed = isStoredList(value) ? (whole ?? []) : [value].flat();
      for (const [index, each] of listed.entries()) {
        const from = Array.isArray(source) ? source[index] : source;
        const base = safeName(from == null ? what : given ? from : nameFrom(from, what));
        const identity = `${base}\n${isAssetReference(each) ? each.assetId : String(each)}`;
        if (packed.has(identity)) continue;
        packed.add(identity);
        if (isAssetReference(each)) {
          entries.push({ name: `${base}.${extensionOf(each.mimeType)}`, content: { url: each.url } });
        } else if (typeof each === 'string') {
          entries.push({ name: `${base}.txt`, content: each });
        }
      }
    }
  }
  return archiveOf(entries);
}
