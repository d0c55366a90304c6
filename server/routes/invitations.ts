import {
  createdInvitationSchema,
  invitationListSchema,
  inviteBodySchema,
  signInLinkSchema,
} from '../../core/api/members.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { deleteInvitation } from '../../db/invitations/delete.ts';
import { insertInvitation } from '../../db/invitations/insert.ts';
import { listInvitations } from '../../db/invitations/list.ts';
import { findMember } from '../../db/members/find.ts';
import { createSignInToken, notOwner, signInLinkTtlMs } from '../auth/bootstrap.ts';
import { hashSecret, newSecret } from '../auth/secrets.ts';
import type { ServerDependencies } from './deps.ts';
import { memberNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { invitationParams, memberParams } from './parameters.ts';

/** Seven days: somebody invited on a Friday finds it after the weekend. */
export const invitationTtlMs = 7 * 24 * 60 * 60_000;

/** Links that let people in, which an owner hands over: nothing is sent by e-mail. */
export function invitationRoutes({ db, newId, now }: ServerDependencies): AnyRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/invitations',
      tag: 'Members',
      summary: 'List the open invitations',
      auth: 'owner',
      scope: 'read',
      place: 'installation',
      responses: { 200: { description: 'Newest first.', schema: invitationListSchema } },
      handler: async () => ({ status: 200, body: { items: await listInvitations(db) } }),
    }),
    defineRoute({
      method: 'post',
      path: '/api/invitations',
      tag: 'Members',
      summary: 'Invite somebody; the link is shown in this answer only and works once',
      auth: 'owner',
      scope: 'account',
      place: 'installation',
      body: inviteBodySchema,
      audit: { action: 'member.invite', subject: 'invitation' },
      responses: { 201: { description: 'The invitation and its link.', schema: createdInvitationSchema } },
      handler: async ({ principal, body }) => {
        const token = newSecret();
        const invitation = await insertInvitation(db, {
          ...body,
          id: newId(),
          tokenHash: hashSecret(token),
          invitedBy: principal.userId,
          ttlMs: invitationTtlMs,
        });
        if (invitation === 'no owner') throw notOwner();
        if (invitation === 'email taken') {
          throw new TerminalError(
            'EMAIL_TAKEN',
            'Somebody with this e-mail address has an account already. Change the role there, or make a sign-in link for it.',
          );
        }
        return {
          status: 201,
          // Behind the "#" a token reaches no server and no log.
          body: { ...invitation, path: `/invitation#token=${token}` },
          audit: { id: invitation.id, name: invitation.email, details: { role: invitation.role } },
        };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/invitations/:id',
      tag: 'Members',
      summary: 'Withdraw an invitation',
      auth: 'owner',
      scope: 'account',
      place: 'installation',
      notFound: 'INVITATION_NOT_FOUND',
      params: invitationParams,
      audit: { action: 'invitation.withdraw', subject: 'invitation' },
      responses: { 204: { description: 'Its link does not work any more.' } },
      handler: async ({ params }) => {
        const email = await deleteInvitation(db, params.id);
        if (email === null) {
          throw new TerminalError(
            'INVITATION_NOT_FOUND',
            `There is no open invitation ${params.id}. Choose one from the list.`,
          );
        }
        return { status: 204, audit: { name: email } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/members/:id/sign-in-link',
      tag: 'Members',
      summary: 'Make a one-time sign-in link for somebody who forgot the password',
      auth: 'owner',
      scope: 'account',
      place: 'installation',
      notFound: 'MEMBER_NOT_FOUND',
      params: memberParams,
      audit: { action: 'member.sign-in-link', subject: 'user' },
      responses: { 201: { description: 'The link; it is shown in this answer only.', schema: signInLinkSchema } },
      handler: async ({ principal, params }) => {
        const member = await findMember(db, params.id);
        if (member === null) throw memberNotFound(params.id);
        const token = await createSignInToken(db, params.id, principal.userId);
        const expiresAt = new Date(now().getTime() + signInLinkTtlMs).toISOString();
        return {
          status: 201,
          body: { path: `/sign-in#token=${token}`, expiresAt },
          audit: { name: member.email },
        };
      },
    }),
  ];
}
