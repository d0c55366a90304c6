import type { WorkspaceRole } from '../../core/scope.ts';

/** The roles in a workspace as a choice. */
export const workspaceRoleOptions: { value: WorkspaceRole; label: string; hint: string }[] = [
  { value: 'admin', label: 'Admin', hint: 'Also manages members, secrets and provider keys' },
  { value: 'editor', label: 'Editor', hint: 'Creates and changes workflows' },
  { value: 'runner', label: 'Runner', hint: 'Runs workflows and answers their questions' },
  { value: 'viewer', label: 'Viewer', hint: 'Can view, but not change or run anything' },
];

/** A service account decides nothing about people. */
export const serviceRoleOptions = workspaceRoleOptions.filter(({ value }) => value !== 'admin');
