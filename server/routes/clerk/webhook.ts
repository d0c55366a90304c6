import { verifyWebhook } from '@clerk/express/webhooks';
import type { Request } from 'express';
import { TerminalError } from '../../../core/errors/app-error.ts';
import type { Db } from '../../../db/client.ts';
import { findExternalUser } from '../../../db/users/find-external.ts';
import { removeExternalUser, suspendExternalUser } from '../../../db/users/remove-external.ts';
import { saveExternalUser } from '../../../db/users/save-external.ts';
import { insertEndedSession } from '../../../db/ended-sessions/insert.ts';
import { insertWebhookMessageOnce } from '../../../db/webhook-messages/insert.ts';
import type { AuditRecord } from '../../audit/audit-log.ts';
import type { ServerDependencies } from '../deps.ts';
import { readBytes } from '../../http/json-body.ts';
import { defineRoute, type AnyRoute } from '../../http/route.ts';
import { webhookBodyLimits } from '../../limits/limits.ts';
import type { ChangedRun } from '../../../db/run-sql/result.ts';
import { announceEnd } from '../../auth/announce-access.ts';
import { clerkEventSchema, profileOfUser, type ClerkEvent } from './webhook-events.ts';

/** What is done about a message, besides the rows. */
interface Effect {
  /** Whose live connections have to be looked at. */
  readonly userId: string | null;
  /** Runs that were cancelled. */
  readonly runs?: readonly ChangedRun[];
  readonly audit: Omit<AuditRecord, 'request' | 'via'> | null;
}

const nothing: Effect = { userId: null, audit: null };

/** The address at which Clerk tells of people who came, changed or went, and of sessions that ended. */
export function clerkWebhookRoutes(
  deps: ServerDependencies,
  { signingSecret }: { readonly signingSecret: string },
): AnyRoute[] {
  const { db, newId, now, audit } = deps;
  return [
    defineRoute({
      method: 'post',
      path: '/api/webhooks/clerk',
      tag: 'Session',
      summary: 'Messages of Clerk, signed with the secret of the webhook',
      auth: 'none',
      scope: 'any',
      place: 'installation',
      responses: { 200: { description: 'Taken; a repeated message changes nothing.' } },
      handler: async ({ request }) => {
        const { id, event } = await readEvent(request, signingSecret);
        if (event === null) return { status: 200 };
        const effect = await db.transaction().execute(async (trx) => {
          if (!(await insertWebhookMessageOnce(trx, id))) return nothing;
          return apply(trx, event, { newUserId: `user_${newId()}`, now: now() });
        });
        if (effect.userId !== null) await announceEnd(deps, effect.userId, effect.runs ?? []);
        if (effect.audit !== null) await audit.record({ ...effect.audit, request: null, via: 'clerk' });
        return { status: 200 };
      },
    }),
  ];
}

/** The message and its id; null for one of a type that means nothing here. Throws WEBHOOK_INVALID. */
async function readEvent(request: Request, signingSecret: string): Promise<{ id: string; event: ClerkEvent | null }> {
  // The signature is over the bytes as they came.
  request.body = await readBytes(request, webhookBodyLimits);
  const message: unknown = await verifyWebhook(request, { signingSecret }).catch(() => {
    throw new TerminalError(
      'WEBHOOK_INVALID',
      'The message is not signed with the secret of the webhook, or is too old. Compare CLERK_WEBHOOK_SECRET with the secret in Clerk.',
    );
  });
  const parsed = clerkEventSchema.safeParse(message);
  return { id: request.get('svix-id') ?? '', event: parsed.success ? parsed.data : null };
}

async function apply(trx: Db, event: ClerkEvent, made: { newUserId: string; now: Date }): Promise<Effect> {
  switch (event.type) {
    case 'user.created':
    case 'user.updated': {
      const profile = profileOfUser(event.data, made.now);
      const outcome = await saveExternalUser(trx, profile, made.newUserId);
      const subject = await subjectOf(trx, event.data.id);
      if (subject === null) return nothing;
      if (event.data.banned === true) {
        const runs = await suspendExternalUser(trx, subject.id);
        return {
          userId: subject.id,
          runs,
          audit: { action: 'member.change', actor: null, subject, details: { banned: true } },
        };
      }
      if (outcome === 'unchanged') return nothing;
      const action = outcome === 'updated' ? 'member.change' : 'member.join';
      return { userId: subject.id, audit: { action, actor: null, subject, details: { outcome } } };
    }
    case 'user.deleted': {
      const { id, email, runs } = await removeExternalUser(trx, event.data.id, made.newUserId);
      return {
        userId: id,
        runs,
        audit: { action: 'member.remove', actor: null, subject: { type: 'user', id, name: email } },
      };
    }
    case 'session.created':
      return sessionEffect(trx, event.data.user_id, 'session.sign-in');
    case 'session.ended':
    case 'session.removed':
    case 'session.revoked':
      await insertEndedSession(trx, event.data.id);
      return sessionEffect(trx, event.data.user_id, 'session.sign-out');
  }
}

async function sessionEffect(trx: Db, externalId: string, action: 'session.sign-in' | 'session.sign-out') {
  const subject = await subjectOf(trx, externalId);
  if (subject === null) return nothing;
  return { userId: subject.id, audit: { action, actor: { email: subject.name }, subject } };
}

async function subjectOf(trx: Db, externalId: string): Promise<{ type: 'user'; id: string; name: string } | null> {
  const found = await findExternalUser(trx, externalId, '');
  return found === null ? null : { type: 'user', id: found.user.id, name: found.user.email };
}
