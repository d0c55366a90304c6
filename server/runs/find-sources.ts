import type { InWorkspace } from '../../core/scope.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';
import { givenFiles, sourceNames, type SourceName, type TracedExecution } from '../../core/run/source-names.ts';
import { listAssetsById } from '../../db/assets/find.ts';
import type { Db } from '../../db/client.ts';
import { listRegionsOfRun } from '../../db/regions/list-of-run.ts';
import type { Queryable } from '../../db/statement.ts';

/**
 * The names of the files that the outputs of a run were made from, by node and handle.
 *
 * @param mayName the files whose names may be told. Default: all of the workspace
 */
export async function findSources(
  { db, pool, catalogue }: { readonly db: Db; readonly pool: Queryable; readonly catalogue: NodeCatalogue },
  scope: InWorkspace,
  { id, nodeExecutions: executions }: { readonly id: string; readonly nodeExecutions: readonly TracedExecution[] },
  mayName?: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Readonly<Record<string, SourceName>>>> {
  const isGiven = (nodeType: string) => catalogue.get(nodeType)?.inputs.length === 0;
  const given = givenFiles(executions, isGiven);
  const files = await listAssetsById(
    db,
    scope,
    mayName === undefined ? given : given.filter((fileId) => mayName.has(fileId)),
  );
  if (files.size === 0) return new Map();
  const names = new Map([...files].map(([fileId, { name }]) => [fileId, name]));
  const hasLists = executions.some(({ outputData }) => Object.values(outputData ?? {}).some(Array.isArray));
  const regions = hasLists ? await listRegionsOfRun(pool, id) : [];
  return sourceNames(executions, { names, isGiven, regions });
}
