import {
  shownWorkspaceInvitationSchema,
  workspaceLinkBodySchema,
  workspaceSchema,
} from '../../../core/api/workspaces.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { findWorkspaceInvitation, joinByLink } from '../../../db/workspaces/invitations.ts';
import { listWorkspacesOf } from '../../../db/workspaces/list.ts';
import { announceAccess } from '../../auth/announce-access.ts';
import { hashSecret } from '../../auth/secrets.ts';
import { workspaceNotFound } from '../../auth/scope-of.ts';
import { defineRoute, type AnyRoute } from '../../http/route.ts';
import type { ServerDependencies } from '../deps.ts';
import { workspaceOf } from './shared.ts';

/** Links by which people who have an account come into a workspace. */
export function workspaceLinkRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db } = deps;
  const common = { method: 'post', tag: 'Workspaces', auth: 'user', scope: 'account', place: 'person' } as const;
  return [
    defineRoute({
      ...common,
      path: '/api/workspace-invitations/show',
      summary: 'Show the workspace that the link of an invitation leads to',
      body: workspaceLinkBodySchema,
      responses: { 200: { description: 'The invitation.', schema: shownWorkspaceInvitationSchema } },
      handler: async ({ body }) => {
        const invitation = await findWorkspaceInvitation(db, hashSecret(body.token));
        if (invitation === null) throw linkGone();
        return { status: 200, body: invitation };
      },
    }),
    defineRoute({
      ...common,
      path: '/api/workspace-invitations/join',
      summary: 'Join a workspace by the link of an invitation, which works once',
      body: workspaceLinkBodySchema,
      audit: { action: 'workspace.join', subject: 'workspace' },
      responses: { 200: { description: 'The workspace that you are now a member of.', schema: workspaceSchema } },
      handler: async ({ principal, body }) => {
        const joined = await joinByLink(db, hashSecret(body.token), principal.userId);
        if (joined === null) throw linkGone();
        await announceAccess(deps, principal.userId);
        const { workspaceId: id, workspace: name, role, email } = joined;
        const row = (await listWorkspacesOf(db, principal.userId)).find((one) => one.id === id);
        const workspace = row === undefined ? null : workspaceOf(principal, row);
        if (workspace === null) throw workspaceNotFound(id);
        return {
          status: 200,
          body: workspace,
          audit: { id, workspaceId: id, name, details: { role, invited: email } },
        };
      },
    }),
  ];
}

function linkGone(): TerminalError {
  return new TerminalError(
    'INVITATION_NOT_FOUND',
    'This invitation was used already, was withdrawn, is too old, or is of somebody who is no admin any more. Ask an admin of the workspace for a new link.',
  );
}
