import type { QueryClient } from '@tanstack/react-query';
import { queryKeys } from '../api/context.ts';
import { enterWorkspace } from './current.ts';

/** Lists that are of one workspace. */
const placedKeys: readonly string[] = [
  queryKeys.workflows,
  queryKeys.models,
  queryKeys.providerKeys,
  queryKeys.secrets,
  queryKeys.usage,
  queryKeys.files,
  queryKeys.waits,
  ['budgets'],
].map(([first]) => first);

/** Goes to a workspace, null: to one's own; what was listed of another one is read anew. */
export function goToWorkspace(queries: QueryClient, id: string | null): void {
  if (!enterWorkspace(id)) return;
  void queries.resetQueries({ predicate: ({ queryKey: [first] }) => placedKeys.includes(String(first)) });
}
