import { nameWorkspaceBodySchema, workspaceListSchema, workspaceSchema } from '../../../core/api/workspaces.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { closeWorkspace, renameWorkspace, restoreWorkspace } from '../../../db/workspaces/change.ts';
import { createWorkspaceWithin } from '../../../db/workspaces/create.ts';
import { listWorkspacesOf } from '../../../db/workspaces/list.ts';
import { listWorkspaceMembers } from '../../../db/workspaces/members.ts';
import { leaveWorkspace } from '../../../db/workspaces/service-accounts.ts';
import { announceAccess, announceEnd } from '../../auth/announce-access.ts';
import type { Principal } from '../../auth/principal.ts';
import { workspaceNotFound } from '../../auth/scope-of.ts';
import { defineRoute, type AnyRoute } from '../../http/route.ts';
import type { ServerDependencies } from '../deps.ts';
import { workspaceParams } from '../parameters.ts';
import { lastAdmin, ownWorkspace, teamOf, workspaceOf } from './shared.ts';

/** More than anybody finds their way in. */
const maxWorkspaces = 200;

/** Each has quotas and turns of its own: whoever could make any number would have any share of an installation. */
const maxMadeByMember = 50;

/** The workspaces of whoever asks: their own, and those that they share. */
export function workspaceRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, newId } = deps;

  async function find(principal: Principal, id: string) {
    const found = (await listWorkspacesOf(db, principal.userId)).find((workspace) => workspace.id === id);
    if (found === undefined) throw workspaceNotFound(id);
    return found;
  }

  const common = { tag: 'Workspaces', auth: 'user', notFound: 'WORKSPACE_NOT_FOUND', params: workspaceParams } as const;
  const admins = { of: 'named workspace', role: 'admin' } as const;

  return [
    defineRoute({
      method: 'get',
      path: '/api/workspaces',
      tag: 'Workspaces',
      summary: 'List your workspaces: your own, and those that you share with others',
      auth: 'user',
      scope: 'read',
      place: 'person',
      responses: { 200: { description: 'Your own first, then by name.', schema: workspaceListSchema } },
      handler: async ({ principal }) => {
        const joined = await listWorkspacesOf(db, principal.userId);
        const items = [ownWorkspace(principal), ...joined.map((row) => workspaceOf(principal, row))];
        return { status: 200, body: { items: items.filter((item) => item !== null) } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workspaces',
      tag: 'Workspaces',
      summary: 'Create a workspace to share; you are its first admin',
      auth: 'user',
      scope: 'account',
      place: 'person',
      isClosedToViewers: true,
      body: nameWorkspaceBodySchema,
      audit: { action: 'workspace.create', subject: 'workspace' },
      responses: { 201: { description: 'The new workspace.', schema: workspaceSchema } },
      handler: async ({ principal, body }) => {
        const id = `workspace_${newId()}`;
        const most = principal.role === 'owner' ? maxWorkspaces : maxMadeByMember;
        const created = await createWorkspaceWithin(
          db,
          { id, name: body.name, createdBy: principal.userId },
          { joined: maxWorkspaces, made: most },
        );
        if (created !== 'created') throw notCreated(created, most);
        await announceAccess(deps, principal.userId);
        const made = workspaceOf(principal, await find(principal, id))!;
        return { status: 201, body: made, audit: { id, workspaceId: id, name: made.name } };
      },
    }),
    defineRoute({
      ...common,
      method: 'patch',
      path: '/api/workspaces/:id',
      summary: 'Rename a workspace',
      scope: 'account',
      place: admins,
      body: nameWorkspaceBodySchema,
      audit: { action: 'workspace.rename', subject: 'workspace' },
      responses: { 200: { description: 'The workspace as it is now.', schema: workspaceSchema } },
      handler: async ({ principal, scope, body }) => {
        const id = teamOf(scope);
        const nameBefore = await renameWorkspace(db, id, body.name);
        if (nameBefore === null) throw workspaceNotFound(id);
        const renamed = workspaceOf(principal, await find(principal, id))!;
        return { status: 200, body: renamed, audit: { name: body.name, details: { nameBefore } } };
      },
    }),
    defineRoute({
      ...common,
      method: 'delete',
      path: '/api/workspaces/:id',
      summary: 'Delete a workspace; it is closed at once, and for seven days an admin can restore it',
      scope: 'account',
      place: admins,
      audit: { action: 'workspace.delete', subject: 'workspace' },
      responses: { 200: { description: 'The workspace, with the time at which it ends.', schema: workspaceSchema } },
      handler: async ({ principal, scope }) => {
        const id = teamOf(scope);
        const members = await listWorkspaceMembers(db, id);
        const closed = await closeWorkspace(db, id);
        if (closed === null) throw workspaceNotFound(id);
        await announceEnd(deps, id, closed.runs);
        await Promise.all(members.map(({ accountId }) => announceAccess(deps, accountId)));
        return {
          status: 200,
          body: workspaceOf(principal, await find(principal, id))!,
          audit: { name: closed.name, details: { members: members.length, cancelledRuns: closed.runs.length } },
        };
      },
    }),
    defineRoute({
      ...common,
      method: 'post',
      path: '/api/workspaces/:id/restore',
      summary: 'Restore a workspace that was deleted; its triggers and callbacks stay paused',
      scope: 'account',
      place: 'person',
      isClosedToViewers: true,
      audit: { action: 'workspace.restore', subject: 'workspace' },
      responses: { 200: { description: 'The workspace is open again.', schema: workspaceSchema } },
      handler: async ({ principal, params: { id } }) => {
        const { role, deletedAt } = await find(principal, id);
        if (role !== 'admin' || deletedAt === null || !(await restoreWorkspace(db, id))) throw workspaceNotFound(id);
        const members = await listWorkspaceMembers(db, id);
        await Promise.all(members.map(({ accountId }) => announceAccess(deps, accountId)));
        const restored = workspaceOf(principal, await find(principal, id))!;
        return { status: 200, body: restored, audit: { workspaceId: id, name: restored.name } };
      },
    }),
    defineRoute({
      ...common,
      method: 'post',
      path: '/api/workspaces/:id/leave',
      summary: 'Leave a workspace',
      scope: 'account',
      place: { of: 'named workspace', role: 'viewer' },
      audit: { action: 'workspace.leave', subject: 'workspace' },
      responses: { 204: { description: 'You are no longer a member.' } },
      handler: async ({ principal, scope }) => {
        const id = teamOf(scope);
        const { name } = await find(principal, id);
        const change = await leaveWorkspace(db, id, principal.userId);
        if (change === 'last admin') throw lastAdmin();
        if (change === 'missing') throw workspaceNotFound(id);
        await announceAccess(deps, principal.userId);
        return { status: 204, audit: { name } };
      },
    }),
  ];
}

function notCreated(reason: 'full' | 'made enough' | 'gone', most: number): TerminalError {
  if (reason === 'gone') {
    return new TerminalError('AUTH_INVALID', 'The account was removed meanwhile. Ask an owner for an invitation.');
  }
  return new TerminalError(
    'REQUEST_INVALID',
    reason === 'full'
      ? `You are in ${maxWorkspaces} workspaces, the most there may be. Leave or delete one first.`
      : `You have made ${most} workspaces, the most there may be; deleted ones count until their seven days are over. Delete one, or ask an owner of the installation to make it.`,
  );
}
