import { knownWorkspaceListSchema, nameAdminBodySchema } from '../../../core/api/workspaces.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { listAllWorkspaces, nameAdmin } from '../../../db/workspaces/admins.ts';
import { announceAccess } from '../../auth/announce-access.ts';
import { memberNotFound } from '../../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../../http/route.ts';
import type { ServerDependencies } from '../deps.ts';
import { workspaceParams } from '../parameters.ts';

/** Which workspaces there are, for owners of the installation, who are members of none by that. */
export function knownWorkspaceRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db } = deps;
  const common = { tag: 'Members', auth: 'owner', place: 'installation' } as const;
  return [
    defineRoute({
      ...common,
      method: 'get',
      path: '/api/admin/workspaces',
      summary: 'List the workspaces of this installation, with how many admins of each can act',
      scope: 'read',
      responses: { 200: { description: 'By name; nothing of what is in them.', schema: knownWorkspaceListSchema } },
      handler: async () => {
        const items = (await listAllWorkspaces(db)).map(({ createdAt, deletedAt, ...row }) => ({
          ...row,
          createdAt: createdAt.toISOString(),
          deletedAt: deletedAt?.toISOString() ?? null,
        }));
        return { status: 200, body: { items } };
      },
    }),
    defineRoute({
      ...common,
      method: 'put',
      path: '/api/admin/workspaces/:id/admin',
      summary: 'Name an admin of a workspace that has none who can act; its members are told',
      scope: 'account',
      notFound: 'WORKSPACE_NOT_FOUND',
      params: workspaceParams,
      body: nameAdminBodySchema,
      audit: { action: 'workspace.name-admin', subject: 'workspace' },
      responses: { 204: { description: 'The account is an admin of the workspace.' } },
      handler: async ({ principal, params: { id }, body: { accountId } }) => {
        const named = await nameAdmin(db, { workspaceId: id, accountId, namedBy: principal.userId });
        switch (named.kind) {
          case 'missing':
            throw new TerminalError('WORKSPACE_NOT_FOUND', `There is no workspace ${id}. Choose one from the list.`);
          case 'has admin':
            throw new TerminalError(
              'WORKSPACE_HAS_ADMIN',
              'The workspace has an admin who can act. Ask them to make someone else an admin.',
            );
          case 'no account':
            throw memberNotFound(accountId);
          case 'named':
            await announceAccess(deps, accountId);
            return {
              status: 204,
              audit: { workspaceId: id, name: named.workspace, details: { account: named.email } },
            };
        }
      },
    }),
  ];
}
