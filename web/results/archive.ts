import { downloadZip } from 'client-zip';
import type { SourceName } from '../../core/run/source-names.ts';
import { loadFile } from '../api/load-file.ts';
import { fileNameOf, safeName, type Result } from './results.ts';

/** One file of an archive: its bytes, or where they are loaded from when their turn comes. */
export interface ArchiveEntry {
  readonly name: string;
  readonly content: string | { readonly url: string };
}

/**
 * A zip archive of files as they are: images and videos are compressed already. They are loaded one after another, and
 * large archives lie on the disk of the browser. Two of one name get numbers. Rejects with `ApiError` where one cannot be loaded.
 */
export async function archiveOf(entries: readonly ArchiveEntry[]): Promise<Blob> {
  async function* files() {
    const names = new Set<string>();
    for (const { name, content } of entries) {
      const input = typeof content === 'string' ? content : await loadFile(content.url);
      yield { name: unique(names, name), input };
    }
  }
  return downloadZip(files()).blob();
}

function unique(names: Set<string>, name: string): string {
  const dot = name.lastIndexOf('.');
  let free = name;
  for (let count = 2; names.has(free); count += 1) free = `${name.slice(0, dot)} ${count}${name.slice(dot)}`;
  names.add(free);
  return free;
}

/** What an archive of a run is called: after its workflow, and the first eight digits of the run. */
export function archiveName(workflowName: string, runId: string): string {
  return `${safeName(workflowName)} run ${runId.slice(0, 8)}.zip`;
}

/** The names of the files that outputs were made from, by node and handle. */
export type Sources = ReadonlyMap<string, Readonly<Record<string, SourceName>>>;

/** Results as files of an archive. */
export function entriesOf(results: readonly Result[], sources: Sources): ArchiveEntry[] {
  return results.map((result) => ({
    name: fileNameOf(result, sources.get(result.execution.nodeId)),
    content: result.asset === null ? (result.text ?? '') : { url: result.asset.url },
  }));
}
