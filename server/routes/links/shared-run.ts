import type { SharedRun } from '../../../core/api/links.ts';
import type { RunDetail } from '../../../core/api/runs.ts';
import { listProgress } from '../../../core/run/list-progress.ts';
import { isNodeFinished } from '../../../core/run/status.ts';
import type { StoredLists } from '../../../assets/stored-lists.ts';
import { assetReferenceSchema, isStoredList } from '../../../core/node-type/values.ts';
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

/** The files in a value, wherever they stand; of a list that lies in a file, that and those of all its elements. */
export async function filesIn(
  lists: Pick<StoredLists, 'elements'>,
  workspaceId: string,
  value: unknown,
): Promise<ShownFile[]> {
  if (typeof value !== 'object' || value === null) return [];
  const file = assetReferenceSchema.safeParse(value);
  const found: ShownFile[] = file.success ? [{ assetId: file.data.assetId, sha256: file.data.sha256 }] : [];
  if (isStoredList(value)) {
    for await (const element of lists.elements(workspaceId, value))
      found.push(...(await filesIn(lists, workspaceId, element)));
  } else if (!file.success) {
    for (const member of Object.values(value)) found.push(...(await filesIn(lists, workspaceId, member)));
  }
  return found;
}
