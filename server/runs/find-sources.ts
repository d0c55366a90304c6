import type { InWorkspace } from '../../core/scope.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';
import { givenFiles, sourceNames, type SourceName, type TracedExecution } from '../../core/run/source-names.ts';
import { listAssetsById } from '../../db/assets/find.ts';
import type { Db } from '../../db/client.ts';

/**
 * The names of the files that the outputs of a run were made from, by node and handle.
 *
 * @param mayName the files whose names may be told. Default: all of the workspace
 */
export async function findSources(
  { db, catalogue }: { readonly db: Db; readonly catalogue: NodeCatalogue },
  scope: InWorkspace,
  executions: readonly TracedExecution[],
  mayName?: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Readonly<Record<string, SourceName>>>> {
  const isGiven = (nodeType: string) => catalogue.get(nodeType)?.inputs.length === 0;
  const given = givenFiles(executions, isGiven);
  const files = await listAssetsById(db, scope, mayName === undefined ? given : given.filter((id) => mayName.has(id)));
  const names = new Map([...files].map(([id, { name }]) => [id, name]));
  return sourceNames(executions, { names, isGiven });
}
