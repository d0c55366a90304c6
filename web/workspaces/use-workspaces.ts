import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { Workspace } from '../../core/api/workspaces.ts';
import { allows, type WorkspaceRole } from '../../core/scope.ts';
import { queryKeys, useApp, useMe } from '../api/context.ts';
import { currentWorkspace, onWorkspace } from './current.ts';
import { workspacesApi } from './workspaces-api.ts';

/** The workspaces of the account. Read again after a minute: others add people to theirs. */
export function useWorkspaces() {
  const { api } = useApp();
  return useQuery({ queryKey: queryKeys.workspaces, queryFn: () => workspacesApi(api).list(), staleTime: 60_000 });
}

/** The workspace that the page is in; undefined until the list is there. */
export function useCurrentWorkspace(): Workspace | undefined {
  const { data: workspaces } = useWorkspaces();
  const id = useSyncExternalStore(onWorkspace, currentWorkspace);
  const own = workspaces?.find(({ kind }) => kind === 'personal');
  return workspaces?.find((workspace) => workspace.id === id) ?? own;
}

/**
 * What the account may do in a workspace. While that is not known yet, or the server is older than workspaces: everything,
 * unless it may change nothing at all.
 */
export function useRoleIn(workspaceId: string | undefined): WorkspaceRole {
  const { data: me } = useMe();
  const { data: workspaces } = useWorkspaces();
  if (me?.role === 'viewer') return 'viewer';
  return workspaces?.find(({ id }) => id === workspaceId)?.role ?? 'admin';
}

/** The same in the workspace that the page is in. */
export function useRoleHere(): WorkspaceRole {
  return useRoleIn(useCurrentWorkspace()?.id);
}

/** Whether the account may do what takes a role in a workspace. */
export function useMayIn(workspaceId: string | undefined, role: WorkspaceRole): boolean {
  return allows(useRoleIn(workspaceId), role);
}

/** A workspace as the page is in it; null: one's own. */
export const placeOf = ({ id, kind }: Pick<Workspace, 'id' | 'kind'>) => (kind === 'personal' ? null : id);
