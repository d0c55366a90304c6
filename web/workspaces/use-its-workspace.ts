import { useEffect } from 'react';
import { useApp, useMe } from '../api/context.ts';
import { goToWorkspace } from './go-to-workspace.ts';

/** Enters the workspace of what a page is about: files, models and questions are those of it. Undefined while that is not known. */
export function useItsWorkspace(workspaceId: string | undefined): void {
  const { queries } = useApp();
  const { data: me } = useMe();
  useEffect(() => {
    if (workspaceId === undefined || me === undefined) return;
    goToWorkspace(queries, workspaceId === me.id ? null : workspaceId);
  }, [queries, me, workspaceId]);
}
