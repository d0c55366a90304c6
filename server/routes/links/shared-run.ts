import { LRUCache } from 'lru-cache';
import type { SharedRun } from '../../../core/api/links.ts';
import type { RunDetail } from '../../../core/api/runs.ts';
import { listProgress } from '../../../core/run/list-progress.ts';
import { AppError } from '../../../core/errors/app-error.ts';
import { isNodeFinished } from '../../../core/run/status.ts';
import type { StoredLists } from '../../../assets/stored-lists.ts';
import { assetReferenceSchema, isStoredList, type StoredList } from '../../../core/node-type/values.ts';
import type { ShownFile } from '../../../db/links/visitor-files.ts';
import { shownError } from '../../runs/shown-error.ts';

/** A run as a visitor sees it: how far it is, and its results by name; nothing of its graph. */
export function sharedRunOf(run: RunDetail, sources: SharedRun['sources'] = {}): SharedRun {
  const { id, status, error, createdAt, startedAt, finishedAt, outputs, nodeExecutions } = run;
  return {
    ...{ id, status, createdAt, startedAt, finishedAt },
    error: shownError(error, nodeExecutions),
    done: nodeExecutions.filter((execution) => isNodeFinished(execution.status)).length,
    total: nodeExecutions.length,
    list: listProgress(nodeExecutions),
    outputs: { ...outputs },
    sources,
  };
}

/** The files in a value, wherever they stand; a list that lies in a file is one of them, and its elements are not looked at. */
export function filesIn(value: unknown): ShownFile[] {
  if (typeof value !== 'object' || value === null) return [];
  const file = assetReferenceSchema.safeParse(value);
  if (file.success) return [{ assetId: file.data.assetId, sha256: file.data.sha256 }];
  return Object.values(value).flatMap(filesIn);
}

/** The lists in a value that lie in files, wherever they stand. */
export function listsIn(value: unknown): StoredList[] {
  if (typeof value !== 'object' || value === null) return [];
  return isStoredList(value) ? [value] : Object.values(value).flatMap(listsIn);
}

/** Files of lists that are remembered, all lists together. */
const maxFiles = 50_000;

/**
 * The files of the elements of lists in a value that lie in files. What a list has never changes, and is read once; one that is
 * gone has none. Make one for each process.
 */
export function createListFiles(lists: Pick<StoredLists, 'elements'>) {
  const known = new LRUCache<string, readonly ShownFile[]>({ maxSize: maxFiles });

  async function filesOf(workspaceId: string, list: StoredList): Promise<readonly ShownFile[]> {
    // Whoever names a list has to know its content as well, also where it was read before.
    const name = `${workspaceId} ${list.assetId} ${list.sha256}`;
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const files: ShownFile[] = [];
    try {
      for await (const element of lists.elements(workspaceId, list)) files.push(...filesIn(element));
    } catch (error) {
      if (error instanceof AppError && error.code === 'ASSET_NOT_FOUND') return [];
      throw error;
    }
    known.set(name, files, { size: files.length + 1 });
    return files;
  }

  return async (workspaceId: string, value: unknown): Promise<ShownFile[]> => {
    const files: ShownFile[] = [];
    for (const list of listsIn(value)) files.push(...(await filesOf(workspaceId, list)));
    return files;
  };
}
