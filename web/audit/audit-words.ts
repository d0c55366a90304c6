import type { AuditAction } from '../../core/api/audit.ts';

/** What was done, in words. */
export const auditWords: Record<AuditAction, string> = {
  'session.sign-in': 'Signed in',
  'session.sign-out': 'Signed out',
  'session.end': 'Ended a session',
  'session.end-others': 'Signed out all other sessions',
  'profile.change': 'Changed the profile',
  'password.change': 'Changed the password',
  'key.create': 'Created an API key',
  'key.revoke': 'Revoked an API key',
  'member.invite': 'Invited',
  'member.join': 'Joined',
  'member.change': 'Account changed',
  'member.change-role': 'Changed a role',
  'member.remove': 'Removed a member',
  'member.sign-in-link': 'Created a sign-in link',
  'invitation.withdraw': 'Withdrew an invitation',
  'workflow.delete': 'Deleted a workflow',
  'workflow.export': 'Exported a workflow',
  'workflow.publish': 'Published a workflow',
  'workflow.live': 'Made a version live',
  'workflow.restore': 'Restored a version',
  'workflow.slug': 'Changed the address of a workflow',
  'trigger.create': 'Created a trigger',
  'trigger.change': 'Changed a trigger',
  'trigger.delete': 'Deleted a trigger',
  'link.create': 'Made a link to an app',
  'link.change': 'Changed a link to an app',
  'link.delete': 'Ended a link to an app',
  'callback.create': 'Created a callback',
  'callback.change': 'Changed a callback',
  'callback.delete': 'Deleted a callback',
  'batch.create': 'Started a batch',
  'batch.cancel': 'Canceled a batch',
  'batch.delete': 'Deleted a batch',
  'batch.export': 'Downloaded the results of a batch',
  'run.delete': 'Deleted a run',
  'run.export': 'Downloaded the outputs of a run',
  'wait.answer': 'Answered a question of a run',
  'asset.delete': 'Deleted a file',
  'asset.export': 'Downloaded a file',
  'provider-key.save': 'Saved a provider key',
  'provider-key.delete': 'Deleted a provider key',
  'budget.save': 'Saved a budget',
  'budget.delete': 'Deleted a budget',
  'secret.save': 'Saved a secret',
  'secret.delete': 'Deleted a secret',
  'worker.drain': 'Drained a worker',
  'settings.change': 'Changed a setting',
  'workspace.create': 'Created a workspace',
  'workspace.rename': 'Renamed a workspace',
  'workspace.delete': 'Deleted a workspace',
  'workspace.restore': 'Restored a workspace',
  'workspace.leave': 'Left a workspace',
  'workspace.member-add': 'Added someone to a workspace',
  'workspace.member-role': 'Changed a role in a workspace',
  'workspace.member-remove': 'Removed someone from a workspace',
  'workspace.member-withdraw': 'Withdrew an invitation to a workspace',
  'workspace.service-account': 'Created a service account',
  'workspace.join': 'Joined a workspace by a link',
  'workspace.name-admin': 'Named an admin of a workspace',
  'workflow.move': 'Moved a workflow',
  'audit.export': 'Exported the audit log',
};

/** The words for an action of any server, also a newer one. */
export function auditTitle(action: string): string {
  return (auditWords as Readonly<Record<string, string>>)[action] ?? action;
}

/** How often it was done within the hour, behind what it was; nothing for once. */
export function auditCount(count: number): string {
  return count > 1 ? `, ${count} times within the hour` : '';
}

const ways: Readonly<Record<string, string>> = { session: 'in the browser', 'api-key': 'with an API key' };

/** How somebody was signed in, in words; also a way of a newer server. */
export function auditWay(via: string): string {
  return ways[via] ?? `by ${via}`;
}

/** Details as "role: viewer, role before: member". */
export function auditDetails(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null)
    .map(
      ([name, value]) =>
        `${name
          .replaceAll(/([A-Z])/g, ' $1')
          .toLowerCase()
          .replace(/ id$/, '')}: ${textOf(value)}`,
    )
    .join(', ');
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(' + ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
