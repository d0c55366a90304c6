import { changeRoleBodySchema, memberListSchema } from '../../core/api/members.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { findMember } from '../../db/members/find.ts';
import { listMembers } from '../../db/members/list.ts';
import { removeMember, setRole, type MemberChange } from '../../db/members/change.ts';
import type { ChangedRun } from '../../db/run-sql/result.ts';
import { announceEnd } from '../auth/announce-access.ts';
import type { ServerDependencies } from './deps.ts';
import { memberNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { memberParams } from './parameters.ts';

/** Who has an account, and what they may do: for owners. */
export function memberRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db } = deps;
  return [
    defineRoute({
      method: 'get',
      path: '/api/members',
      tag: 'Members',
      summary: 'List the accounts of this installation',
      auth: 'owner',
      scope: 'read',
      place: 'installation',
      responses: { 200: { description: 'The oldest first.', schema: memberListSchema } },
      handler: async () => ({ status: 200, body: { items: await listMembers(db) } }),
    }),
    defineRoute({
      method: 'put',
      path: '/api/members/:id',
      tag: 'Members',
      summary: 'Give a member another role',
      auth: 'owner',
      scope: 'account',
      place: 'installation',
      notFound: 'MEMBER_NOT_FOUND',
      params: memberParams,
      body: changeRoleBodySchema,
      audit: { action: 'member.change-role', subject: 'user' },
      responses: { 204: { description: 'The role counts at once; what it does not allow any more has ended.' } },
      handler: async ({ params, body }) => {
        const before = await findMember(db, params.id);
        if (before === null) throw memberNotFound(params.id);
        const runs = check(await setRole(db, params.id, body.role), params.id);
        await announceEnd(deps, params.id, runs);
        return {
          status: 204,
          audit: { name: before.email, details: { role: body.role, roleBefore: before.role, ...countOf(runs) } },
        };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/members/:id',
      tag: 'Members',
      summary: 'Remove a member; sessions, keys and runs end at once, what was made stays',
      auth: 'owner',
      scope: 'account',
      place: 'installation',
      notFound: 'MEMBER_NOT_FOUND',
      params: memberParams,
      audit: { action: 'member.remove', subject: 'user' },
      responses: { 204: { description: 'The account is closed.' } },
      handler: async ({ params }) => {
        const before = await findMember(db, params.id);
        if (before === null) throw memberNotFound(params.id);
        const runs = check(await removeMember(db, params.id), params.id);
        await announceEnd(deps, params.id, runs);
        return { status: 204, audit: { name: before.email, details: { role: before.role, ...countOf(runs) } } };
      },
    }),
  ];
}

/** The runs that ended with the change. */
function check(change: MemberChange, id: string): readonly ChangedRun[] {
  if (change.kind === 'changed') return change.runs;
  if (change.kind === 'missing') throw memberNotFound(id);
  throw new TerminalError(
    'LAST_OWNER',
    'This is the last owner of the installation. Make somebody else an owner first.',
  );
}

function countOf(runs: readonly ChangedRun[]): { cancelledRuns?: number } {
  return runs.length === 0 ? {} : { cancelledRuns: runs.length };
}
