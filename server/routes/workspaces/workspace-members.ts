import {
  addedMemberSchema,
  addMemberBodySchema,
  memberRoleBodySchema,
  workspaceMemberListSchema,
} from '../../../core/api/workspaces.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import type { Db } from '../../../db/client.ts';
import { holdAddress } from '../../../db/hold.ts';
import { insertInvitation } from '../../../db/invitations/insert.ts';
import { isInvited } from '../../../db/invitations/find.ts';
import { findShownHolder } from '../../../db/users/find.ts';
import {
  countInvitedTo,
  inviteToWorkspace,
  listInvitedTo,
  withdrawFromWorkspace,
} from '../../../db/workspaces/invitations.ts';
import {
  addWorkspaceMember,
  changeWorkspaceMember,
  holdWorkspace,
  listWorkspaceMembers,
} from '../../../db/workspaces/members.ts';
import { leaveWorkspace } from '../../../db/workspaces/service-accounts.ts';
import { announceAccess } from '../../auth/announce-access.ts';
import type { Principal } from '../../auth/principal.ts';
import { hashSecret, newSecret } from '../../auth/secrets.ts';
import { memberNotFound } from '../../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../../http/route.ts';
import type { ServerDependencies } from '../deps.ts';
import { invitationTtlMs } from '../invitations.ts';
import { invitedMemberParams, workspaceMemberParams, workspaceParams } from '../parameters.ts';
import { lastAdmin, memberOf, teamOf } from './shared.ts';

/** A department; whoever has more makes several workspaces. */
const maxMembers = 1_000;

/** Who is in a workspace, and with which role. */
export function workspaceMemberRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, newId } = deps;

  /** Throws where the workspace has no room for one more. Holds it: one at a time is counted and added. */
  async function requireRoom(trx: Db, workspaceId: string): Promise<void> {
    await holdWorkspace(trx, workspaceId);
    const members = await listWorkspaceMembers(trx, workspaceId);
    if (members.length + (await countInvitedTo(trx, workspaceId)) < maxMembers) return;
    throw new TerminalError(
      'REQUEST_INVALID',
      `The workspace has ${maxMembers} members, the most there may be. Remove one first.`,
    );
  }

  /** The link that makes an account. Null where there is one, whoever asks may let nobody in, or one is on its way already. */
  async function linkFor(principal: Principal, email: string): Promise<string | null> {
    if (deps.browserSignIn.client.mode !== 'local' || principal.role !== 'owner' || (await isInvited(db, email)))
      return null;
    const token = newSecret();
    const made = await insertInvitation(db, {
      id: newId(),
      email,
      role: 'member',
      tokenHash: hashSecret(token),
      invitedBy: principal.userId,
      ttlMs: invitationTtlMs,
    });
    return typeof made === 'string' ? null : `/invitation#token=${token}`;
  }

  const common = { tag: 'Workspaces', auth: 'user', notFound: 'WORKSPACE_NOT_FOUND' } as const;
  const admins = { of: 'named workspace', role: 'admin' } as const;

  return [
    defineRoute({
      ...common,
      method: 'get',
      path: '/api/workspaces/:id/members',
      summary: 'List the members of a workspace',
      scope: 'read',
      place: { of: 'named workspace', role: 'viewer' },
      params: workspaceParams,
      responses: { 200: { description: 'The oldest first.', schema: workspaceMemberListSchema } },
      handler: async ({ scope }) => {
        const id = teamOf(scope);
        const [members, invited] = await Promise.all([listWorkspaceMembers(db, id), listInvitedTo(db, id)]);
        return {
          status: 200,
          body: {
            items: members.map(memberOf),
            invited: invited.map(({ createdAt, ...row }) => ({ ...row, createdAt: createdAt.toISOString() })),
          },
        };
      },
    }),
    defineRoute({
      ...common,
      method: 'post',
      path: '/api/workspaces/:id/members',
      summary: 'Add someone by their e-mail address, or invite them if no account has a verified address that matches',
      scope: 'account',
      place: admins,
      params: workspaceParams,
      body: addMemberBodySchema,
      audit: { action: 'workspace.member-add', subject: 'user' },
      responses: { 201: { description: 'The member, or who will be one.', schema: addedMemberSchema } },
      handler: async ({ principal, scope, body }) => {
        const workspaceId = teamOf(scope);
        const { email, role } = body;
        const token = newSecret();
        const { account, invited, isNew } = await db.transaction().execute(async (trx) => {
          // An account that shows the address at this moment does so before or after.
          await holdAddress(trx, email);
          await requireRoom(trx, workspaceId);
          // An account that only says that the address is its own gets in by the link alone.
          const holder = await findShownHolder(trx, email);
          if (holder !== null) {
            const member = { workspaceId, accountId: holder.id, role, via: 'invited' } as const;
            return { account: holder, invited: null, isNew: await addWorkspaceMember(trx, member) };
          }
          const invitation = {
            ...{ id: newId(), workspaceId, email, role, invitedBy: principal.userId },
            ...{ tokenHash: hashSecret(token), linkTtlMs: invitationTtlMs },
          };
          return { account: null, invited: await inviteToWorkspace(trx, invitation), isNew: false };
        });
        if (account === null) {
          const path = (await linkFor(principal, email)) ?? `/join#token=${token}`;
          return {
            status: 201,
            body: { member: null, invited: { ...invited, createdAt: invited.createdAt.toISOString() }, path },
            audit: { id: invited.id, name: email, details: { role } },
          };
        }
        if (!isNew) {
          throw new TerminalError(
            'REQUEST_INVALID',
            'Somebody with this e-mail address is a member already. Change the role in the list.',
          );
        }
        await announceAccess(deps, account.id);
        const member = (await listWorkspaceMembers(db, workspaceId)).find(({ accountId }) => accountId === account.id);
        if (member === undefined) throw memberNotFound(account.id);
        return {
          status: 201,
          body: { member: memberOf(member), invited: null, path: null },
          audit: { id: account.id, name: email, details: { role } },
        };
      },
    }),
    defineRoute({
      ...common,
      method: 'patch',
      path: '/api/workspaces/:id/members/:accountId',
      summary: 'Give a member of a workspace another role',
      scope: 'account',
      place: admins,
      params: workspaceMemberParams,
      body: memberRoleBodySchema,
      audit: { action: 'workspace.member-role', subject: 'user' },
      responses: { 204: { description: 'The role counts at once; what it does not allow any more has ended.' } },
      handler: async ({ scope, params: { accountId }, body: { role } }) => {
        const workspaceId = teamOf(scope);
        const before = (await listWorkspaceMembers(db, workspaceId)).find((member) => member.accountId === accountId);
        if (before === undefined) throw memberNotFound(accountId);
        if (before.via === 'group') throw ofGroup();
        if (before.kind === 'service' && role === 'admin') {
          throw new TerminalError(
            'REQUEST_INVALID',
            'A service account cannot be an admin: a person decides about members. Choose another role.',
          );
        }
        const change = await db
          .transaction()
          .execute((trx) => changeWorkspaceMember(trx, { workspaceId, accountId, role }));
        if (change === 'last admin') throw lastAdmin();
        if (change === 'missing') throw memberNotFound(accountId);
        await announceAccess(deps, accountId);
        return {
          status: 204,
          audit: { id: accountId, name: nameOf(before), details: { role, roleBefore: before.role } },
        };
      },
    }),
    defineRoute({
      ...common,
      method: 'delete',
      path: '/api/workspaces/:id/members/:accountId',
      summary: 'Remove a member from a workspace; a program’s account ends with that',
      scope: 'account',
      place: admins,
      params: workspaceMemberParams,
      audit: { action: 'workspace.member-remove', subject: 'user' },
      responses: { 204: { description: 'They can no longer open anything in the workspace.' } },
      handler: async ({ scope, params: { accountId } }) => {
        const workspaceId = teamOf(scope);
        const before = (await listWorkspaceMembers(db, workspaceId)).find((member) => member.accountId === accountId);
        if (before === undefined) throw memberNotFound(accountId);
        if (before.via === 'group') throw ofGroup();
        const change = await leaveWorkspace(db, workspaceId, accountId);
        if (change === 'last admin') throw lastAdmin();
        if (change === 'missing') throw memberNotFound(accountId);
        await announceAccess(deps, accountId);
        return { status: 204, audit: { id: accountId, name: nameOf(before), details: { role: before.role } } };
      },
    }),
    defineRoute({
      ...common,
      method: 'delete',
      path: '/api/workspaces/:id/invited/:invitedId',
      summary: 'Withdraw the invitation of someone who has not joined yet',
      scope: 'account',
      place: admins,
      params: invitedMemberParams,
      audit: { action: 'workspace.member-withdraw', subject: 'user' },
      responses: { 204: { description: 'Neither the address nor the link makes anyone a member.' } },
      handler: async ({ scope, params: { invitedId } }) => {
        const email = await withdrawFromWorkspace(db, teamOf(scope), invitedId);
        if (email === null) {
          throw new TerminalError(
            'INVITATION_NOT_FOUND',
            `There is no invitation ${invitedId}. Choose one from the list.`,
          );
        }
        return { status: 204, audit: { id: invitedId, name: email } };
      },
    }),
  ];
}

function nameOf({ kind, email, firstName }: { kind: string; email: string; firstName: string | null }): string {
  return kind === 'service' ? (firstName ?? email) : email;
}

function ofGroup(): TerminalError {
  return new TerminalError(
    'REQUEST_INVALID',
    'A group at the identity provider makes this account a member. Change the group there.',
  );
}
