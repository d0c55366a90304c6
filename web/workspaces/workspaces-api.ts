import { z } from 'zod';
import { auditPageSchema } from '../../core/api/audit.ts';
import { apiKeyListSchema, createdApiKeySchema, type ApiKeyScope } from '../../core/api/keys.ts';
import {
  addedMemberSchema,
  shownWorkspaceInvitationSchema,
  workspaceListSchema,
  workspaceMemberListSchema,
  workspaceMemberSchema,
  workspaceSchema,
} from '../../core/api/workspaces.ts';
import type { WorkspaceRole } from '../../core/scope.ts';
import type { ApiClient } from '../api/client.ts';

/** 204: there is no body. */
const nothing = z.undefined();

/** Requests about workspaces and who is in them. All of them throw ApiError. */
export function workspacesApi({ request: call }: Pick<ApiClient, 'request'>) {
  const workspace = (id: string) => `/api/workspaces/${encodeURIComponent(id)}`;
  const member = (id: string, accountId: string) => `${workspace(id)}/members/${encodeURIComponent(accountId)}`;
  const keys = (id: string, accountId: string) =>
    `${workspace(id)}/service-accounts/${encodeURIComponent(accountId)}/keys`;
  return {
    list: async () => (await call('/api/workspaces', { schema: workspaceListSchema })).items,
    create: (name: string) => call('/api/workspaces', { method: 'POST', body: { name }, schema: workspaceSchema }),
    rename: (id: string, name: string) =>
      call(workspace(id), { method: 'PATCH', body: { name }, schema: workspaceSchema }),
    remove: (id: string) => call(workspace(id), { method: 'DELETE', schema: workspaceSchema }),
    restore: (id: string) => call(`${workspace(id)}/restore`, { method: 'POST', schema: workspaceSchema }),
    leave: (id: string) => call(`${workspace(id)}/leave`, { method: 'POST', schema: nothing }),
    members: (id: string) => call(`${workspace(id)}/members`, { schema: workspaceMemberListSchema }),
    add: (id: string, email: string, role: WorkspaceRole) =>
      call(`${workspace(id)}/members`, { method: 'POST', body: { email, role }, schema: addedMemberSchema }),
    setRole: (id: string, accountId: string, role: WorkspaceRole) =>
      call(member(id, accountId), { method: 'PATCH', body: { role }, schema: nothing }),
    removeMember: (id: string, accountId: string) => call(member(id, accountId), { method: 'DELETE', schema: nothing }),
    showInvitation: (token: string) =>
      call('/api/workspace-invitations/show', {
        method: 'POST',
        body: { token },
        schema: shownWorkspaceInvitationSchema,
      }),
    join: (token: string) =>
      call('/api/workspace-invitations/join', { method: 'POST', body: { token }, schema: workspaceSchema }),
    withdraw: (id: string, invitedId: string) =>
      call(`${workspace(id)}/invited/${invitedId}`, { method: 'DELETE', schema: nothing }),
    addService: (id: string, name: string, role: WorkspaceRole) =>
      call(`${workspace(id)}/service-accounts`, {
        method: 'POST',
        body: { name, role },
        schema: workspaceMemberSchema,
      }),
    listKeys: async (id: string, accountId: string) =>
      (await call(keys(id, accountId), { schema: apiKeyListSchema })).items,
    createKey: (id: string, accountId: string, name: string, scopes: readonly ApiKeyScope[]) =>
      call(keys(id, accountId), { method: 'POST', body: { name, scopes }, schema: createdApiKeySchema }),
    revokeKey: (id: string, accountId: string, keyId: string) =>
      call(`${keys(id, accountId)}/${keyId}`, { method: 'DELETE', schema: nothing }),
    audit: (id: string, cursor: string | null) =>
      call(`${workspace(id)}/audit?limit=20${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`, {
        schema: auditPageSchema,
      }),
  };
}
