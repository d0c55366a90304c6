import { z } from 'zod';
import type { UserRole } from '../../core/api/auth.ts';
import {
  createdInvitationSchema,
  invitationListSchema,
  memberListSchema,
  signInLinkSchema,
} from '../../core/api/members.ts';
import { knownWorkspaceListSchema } from '../../core/api/workspaces.ts';
import type { ApiClient } from '../api/client.ts';

/** 204: there is no body. */
const nothing = z.undefined();

/** Requests about the accounts of the installation, for owners. All of them throw ApiError. */
export function membersApi({ request: call }: Pick<ApiClient, 'request'>) {
  const member = (id: string) => `/api/members/${encodeURIComponent(id)}`;
  return {
    list: async () => (await call('/api/members', { schema: memberListSchema })).items,
    setRole: (id: string, role: UserRole) => call(member(id), { method: 'PUT', body: { role }, schema: nothing }),
    remove: (id: string) => call(member(id), { method: 'DELETE', schema: nothing }),
    createSignInLink: (id: string) =>
      call(`${member(id)}/sign-in-link`, { method: 'POST', body: {}, schema: signInLinkSchema }),
    listInvitations: async () => (await call('/api/invitations', { schema: invitationListSchema })).items,
    invite: (email: string, role: UserRole) =>
      call('/api/invitations', { method: 'POST', body: { email, role }, schema: createdInvitationSchema }),
    workspaces: async () => (await call('/api/admin/workspaces', { schema: knownWorkspaceListSchema })).items,
    nameAdmin: (id: string, accountId: string) =>
      call(`/api/admin/workspaces/${encodeURIComponent(id)}/admin`, {
        method: 'PUT',
        body: { accountId },
        schema: nothing,
      }),
    withdrawInvitation: (id: string) => call(`/api/invitations/${id}`, { method: 'DELETE', schema: nothing }),
  };
}
