import { apiKeyListSchema, createdApiKeySchema, createServiceKeyBodySchema } from '../../../core/api/keys.ts';
import { serviceAccountBodySchema, workspaceMemberSchema } from '../../../core/api/workspaces.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { listApiKeys } from '../../../db/api-keys/list.ts';
import { revokeApiKey } from '../../../db/api-keys/revoke.ts';
import { listWorkspaceMembers } from '../../../db/workspaces/members.ts';
import { createServiceAccount, isServiceAccountOf } from '../../../db/workspaces/service-accounts.ts';
import { announceAccess } from '../../auth/announce-access.ts';
import { memberNotFound } from '../../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../../http/route.ts';
import { limit } from '../../limits/rate-limits.ts';
import type { ServerDependencies } from '../deps.ts';
import { apiKeyNotFound, storeNewKey } from '../keys.ts';
import { serviceKeyParams, workspaceMemberParams, workspaceParams } from '../parameters.ts';
import { memberOf, teamOf } from './shared.ts';

/** Each is a program somebody runs; a script that makes a new one for each job is stopped. */
const maxServiceAccounts = 50;

/** Accounts of programs that belong to a workspace, and their API keys. */
export function serviceAccountRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, newId, rates } = deps;

  async function requireService(workspaceId: string, accountId: string): Promise<void> {
    if (!(await isServiceAccountOf(db, workspaceId, accountId))) throw memberNotFound(accountId);
  }

  const common = { tag: 'Workspaces', auth: 'user', scope: 'account', notFound: 'WORKSPACE_NOT_FOUND' } as const;
  const place = { of: 'named workspace', role: 'admin' } as const;
  const keysPath = '/api/workspaces/:id/service-accounts/:accountId/keys';

  return [
    defineRoute({
      ...common,
      method: 'post',
      path: '/api/workspaces/:id/service-accounts',
      summary: 'Create an account for a program; remove it as a member',
      place,
      params: workspaceParams,
      body: serviceAccountBodySchema,
      audit: { action: 'workspace.service-account', subject: 'user' },
      responses: { 201: { description: 'The new member.', schema: workspaceMemberSchema } },
      handler: async ({ principal, scope, body: { name, role } }) => {
        const workspaceId = teamOf(scope);
        limit(await rates.take('credential', principal.userId));
        const id = `service_${newId()}`;
        if (!(await createServiceAccount(db, { id, name, workspaceId, role }, maxServiceAccounts))) {
          throw new TerminalError(
            'REQUEST_INVALID',
            `The workspace has ${maxServiceAccounts} service accounts, the most there may be. Remove one first.`,
          );
        }
        const member = (await listWorkspaceMembers(db, workspaceId)).find(({ accountId }) => accountId === id);
        if (member === undefined) throw memberNotFound(id);
        return { status: 201, body: memberOf(member), audit: { id, name, details: { role } } };
      },
    }),
    defineRoute({
      ...common,
      method: 'get',
      path: keysPath,
      summary: 'List the API keys of a service account',
      place,
      params: workspaceMemberParams,
      responses: { 200: { description: 'Newest first.', schema: apiKeyListSchema } },
      handler: async ({ scope, params: { accountId } }) => {
        await requireService(teamOf(scope), accountId);
        return { status: 200, body: { items: await listApiKeys(db, accountId) } };
      },
    }),
    defineRoute({
      ...common,
      method: 'post',
      path: keysPath,
      summary: 'Create an API key of a service account; it is shown in this answer only',
      place,
      params: workspaceMemberParams,
      body: createServiceKeyBodySchema,
      audit: { action: 'key.create', subject: 'key' },
      responses: { 201: { description: 'The new key.', schema: createdApiKeySchema } },
      handler: async ({ principal, scope, params: { accountId }, body }) => {
        const workspaceId = teamOf(scope);
        await requireService(workspaceId, accountId);
        const made = await storeNewKey(deps, principal, { ...body, workspaceId: null, role: null }, accountId);
        const { id, name, scopes, expiresAt } = made;
        return {
          status: 201,
          body: made,
          audit: { id, name, details: { scopes, expiresAt, account: accountId } },
        };
      },
    }),
    defineRoute({
      ...common,
      method: 'delete',
      path: `${keysPath}/:keyId`,
      summary: 'Revoke an API key of a service account',
      place,
      params: serviceKeyParams,
      audit: { action: 'key.revoke', subject: 'key' },
      responses: { 204: { description: 'It does not work any more.' } },
      handler: async ({ scope, params: { accountId, keyId } }) => {
        await requireService(teamOf(scope), accountId);
        const name = await revokeApiKey(db, accountId, keyId);
        if (name === null) throw apiKeyNotFound(keyId);
        await announceAccess(deps, accountId);
        return { status: 204, audit: { id: keyId, name, details: { account: accountId } } };
      },
    }),
  ];
}
