import { z } from 'zod';
import { pageOf, timestampSchema } from './common.ts';

/** What the audit log tells of. */
export const auditActions = [
  'session.sign-in',
  'session.sign-out',
  'session.end',
  'session.end-others',
  'profile.change',
  'password.change',
  'key.create',
  'key.revoke',
  'provider-key.save',
  'provider-key.delete',
  'budget.save',
  'budget.delete',
  'secret.save',
  'secret.delete',
  'member.invite',
  'member.join',
  'member.change',
  'member.change-role',
  'member.remove',
  'member.sign-in-link',
  'invitation.withdraw',
  'workflow.delete',
  'workflow.export',
  'workflow.publish',
  'workflow.live',
  'workflow.restore',
  'workflow.slug',
  'trigger.create',
  'trigger.change',
  'trigger.delete',
  'link.create',
  'link.change',
  'link.delete',
  'callback.create',
  'callback.change',
  'callback.delete',
  'batch.create',
  'batch.cancel',
  'batch.delete',
  'batch.export',
  'run.delete',
  'run.export',
  'wait.answer',
  'asset.delete',
  'asset.export',
  'settings.change',
  'workspace.create',
  'workspace.rename',
  'workspace.delete',
  'workspace.restore',
  'workspace.leave',
  'workspace.member-add',
  'workspace.member-role',
  'workspace.member-remove',
  'workspace.member-withdraw',
  'workspace.service-account',
  'workspace.join',
  'workspace.name-admin',
  'workflow.move',
  'audit.export',
  'worker.drain',
] as const;
/** As the log stores it: `<what>.<act>`. */
export type AuditAction = (typeof auditActions)[number];

/** One line of the audit log; `subject` is null where the act was about no single thing. */
export const auditEntrySchema = z
  .object({
    id: z.uuid(),
    /** The first time. */
    at: timestampSchema,
    /** The last time within the hour, and how often: the same act of the same person is one line. */
    lastAt: timestampSchema,
    count: z.int().min(1),
    action: z.string(),
    /** It was tried and refused, such as a sign-in with a wrong password. */
    refused: z.boolean(),
    /** Null where nobody was signed in. */
    actor: z.object({ id: z.string().nullable(), email: z.string().nullable() }),
    /** `session`, `api-key`, or the identity provider. */
    via: z.string().nullable(),
    subject: z.object({ type: z.string(), id: z.string().nullable(), name: z.string().nullable() }).nullable(),
    address: z.string().nullable(),
    requestId: z.string().nullable(),
    /** The workspace of several that it was done in; null where it was in none. */
    workspaceId: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** Newest first. */
export const auditPageSchema = pageOf(auditEntrySchema).meta({ id: 'AuditPage' });
