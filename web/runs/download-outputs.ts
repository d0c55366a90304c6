import { formatOf } from '../../core/data-types/files.ts';
import type { RunFile } from '../../core/api/runs.ts';
import { isAssetReference } from '../../core/node-type/values.ts';
import { loadFile } from '../api/load-file.ts';
import { zipOf, type ZipEntry } from '../ui/zip.ts';

/** What a run put out, as one archive: `outputs.json`, and each file and text as a file of its own. */
export async function zipOutputs(
  outputs: RunFile['outputs'],
  load: (url: string) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Blob> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const entries: ZipEntry[] = [{ name: 'outputs.json', bytes: encode(JSON.stringify(outputs, null, 2)) }];
  const names = new Set<string>();
  for (const { nodeId, nodeLabel, outputData } of outputs) {
    const named = Object.entries(outputData ?? {});
    for (const [handle, value] of named.flatMap(([name, values]) =>
      [values].flat().map((each) => [name, each] as const),
    )) {
      const label = nodeLabel ?? nodeId;
      const base =
        (named.length === 1 ? label : `${label} ${handle}`).replace(/[^\p{L}\p{N} _-]+/gu, '_').slice(0, 80) ||
        'output';
      if (isAssetReference(value)) {
        entries.push({
          name: unique(names, base, formatOf(value.mimeType)?.extension ?? 'bin'),
          bytes: await load(value.url),
        });
      } else if (typeof value === 'string') {
        entries.push({ name: unique(names, base, 'txt'), bytes: encode(value) });
      }
    }
  }
  return zipOf(entries);
}

function unique(names: Set<string>, base: string, extension: string): string {
  let name = `${base}.${extension}`;
  for (let count = 2; names.has(name); count += 1) name = `${base} ${count}.${extension}`;
  names.add(name);
  return name;
}

/** The bytes of a file of this server. */
export async function loadBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await loadFile(url)).arrayBuffer());
}
