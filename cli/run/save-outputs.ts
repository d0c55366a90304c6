import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeExecution } from '../../core/api/runs.ts';
import { extensionOf } from '../../core/data-types/files.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { isAssetReference, isStoredList } from '../../core/node-type/values.ts';

/** Long enough to tell labels apart, short enough for every file system. */
const longestName = 80;

/**
 * Saves the outputs of the nodes that nothing follows, named by label, and
 * returns the paths. Existing files of the same name are replaced.
 */
export async function saveOutputs(
  graph: Graph,
  executions: readonly NodeExecution[],
  folder: string,
  download: (path: string) => Promise<Uint8Array>,
): Promise<readonly string[]> {
  const followed = new Set(graph.edges.map((edge) => edge.source));
  const saved: string[] = [];
  const saveValue = await saverOf(folder, download);
  for (const execution of executions) {
    if (execution.status !== 'COMPLETED' || followed.has(execution.nodeId)) continue;
    const outputs = Object.entries(execution.outputData ?? {});
    for (const [handle, value] of outputs) {
      const label = execution.nodeLabel ?? execution.nodeType;
      saved.push(...(await saveValue(outputs.length === 1 ? label : `${label}-${handle}`, value)));
    }
  }
  return saved;
}

/** Saves the results of a run by their names, and returns the paths. Existing files of the same name are replaced. */
export async function saveResults(
  results: Readonly<Record<string, unknown>>,
  folder: string,
  download: (path: string) => Promise<Uint8Array>,
): Promise<readonly string[]> {
  const saveValue = await saverOf(folder, download);
  const saved: string[] = [];
  for (const [name, value] of Object.entries(results)) saved.push(...(await saveValue(name, value)));
  return saved;
}

/** Saves values under names that nothing in the folder has got from it yet. The files of a list are numbered. */
async function saverOf(
  folder: string,
  download: (path: string) => Promise<Uint8Array>,
): Promise<(name: string, value: unknown) => Promise<readonly string[]>> {
  const taken = new Set<string>();
  await mkdir(folder, { recursive: true });
  return async (name, value) => {
    const items = isStoredList(value) ? elementsOf(await download(value.url)) : value;
    const isListOfFiles = Array.isArray(items) && items.length > 0 && items.every(isAssetReference);
    if (!isListOfFiles) return [await save(name, value)];
    const digits = String(items.length).length;
    const paths: string[] = [];
    for (const [index, file] of items.entries())
      paths.push(await save(`${name}-${String(index + 1).padStart(digits, '0')}`, file));
    return paths;
  };

  async function save(name: string, value: unknown): Promise<string> {
    const [ending, content] = await contentOf(value, download);
    const path = join(folder, freeName(fileName(name), ending, taken));
    await writeFile(path, content);
    return path;
  }
}

/** The elements of a list that lies in a file: each is the JSON of a line. */
function elementsOf(file: Uint8Array): unknown[] {
  const lines = new TextDecoder().decode(file).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
}

async function contentOf(
  value: unknown,
  download: (path: string) => Promise<Uint8Array>,
): Promise<readonly [string, string | Uint8Array]> {
  if (typeof value === 'string') return ['txt', value];
  if (isAssetReference(value)) return [extensionOf(value.mimeType), await download(value.url)];
  return ['json', `${JSON.stringify(value, null, 2)}\n`];
}

/** A label made safe as a file name: no separators, no leading dot. */
export function fileName(label: string): string {
  const safe = label
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._ -]+/gu, '_')
    .replace(/^[. ]+|[. ]+$/g, '')
    .slice(0, longestName);
  return safe === '' ? 'output' : safe;
}

function freeName(base: string, ending: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${base}.${ending}` : `${base}-${number}.${ending}`;
    // Some file systems do not tell upper from lower case.
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    return name;
  }
}
