import type { WorkspaceRole } from '../../core/scope.ts';

/** What a role may not do with what is seen, and whom to ask; empty where it may change everything there. */
export function lookingWords(role: WorkspaceRole): string {
  if (role === 'viewer')
    return 'You can view this, but not change or run it: you are a viewer here. Ask an admin of the workspace for another role.';
  if (role === 'runner')
    return 'You can run this and answer its questions, but not change it: you are a runner here. Ask an admin of the workspace for another role.';
  return '';
}
