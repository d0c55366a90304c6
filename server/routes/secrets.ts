import { z } from 'zod';
import {
  maxSecrets,
  saveSecretBodySchema,
  secretNameSchema,
  secretsSchema,
  type Secrets,
} from '../../core/api/secrets.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { deleteSecret } from '../../db/secrets/delete.ts';
import { listSecrets } from '../../db/secrets/list.ts';
import { saveSecret } from '../../db/secrets/save.ts';
import { secretBinding } from '../../providers/secret-box.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import type { ServerDependencies } from './deps.ts';

const secretParams = z.object({ name: secretNameSchema });

/** Secrets of users that nodes send to other services: written, never read back. Workers alone open them. */
export function secretRoutes({ db, pool, secretBox }: ServerDependencies): AnyRoute[] {
  async function shown(userId: string): Promise<Secrets> {
    const secrets = await listSecrets(pool, userId);
    return {
      available: secretBox !== null,
      items: secrets.map(({ name, hosts, updatedAt }) => ({
        name,
        hosts: [...hosts],
        updatedAt: updatedAt.toISOString(),
      })),
    };
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/secrets',
      tag: 'Account',
      summary: 'Names of your secrets and the hosts they may be sent to; the values cannot be read',
      auth: 'user',
      scope: 'read',
      place: { of: 'workspace', role: 'viewer' },
      responses: { 200: { description: 'By name.', schema: secretsSchema } },
      handler: async ({ scope }) => ({ status: 200, body: await shown(scope.workspaceId) }),
    }),
    defineRoute({
      method: 'put',
      path: '/api/secrets/:name',
      tag: 'Account',
      summary: 'Save a secret; it is encrypted, and your nodes send it to the hosts named and to no other',
      auth: 'user',
      scope: 'account',
      place: { of: 'workspace', role: 'admin' },
      // Nothing of theirs would ever use it.
      isClosedToViewers: true,
      notFound: 'SECRET_NOT_FOUND',
      params: secretParams,
      body: saveSecretBodySchema,
      audit: { action: 'secret.save', subject: 'secret' },
      responses: { 200: { description: 'As the list shows them now.', schema: secretsSchema } },
      handler: async ({ scope, params: { name }, body: { value, hosts } }) => {
        const userId = scope.workspaceId;
        if (secretBox === null) {
          throw new TerminalError(
            'SECRETS_UNAVAILABLE',
            'Secrets cannot be saved: the operator of this installation has not set SECRETS_KEY. Ask for it.',
          );
        }
        const sealed = secretBox.seal(value, secretBinding({ userId, name, hosts }));
        const outcome = await saveSecret(db, { userId, name, hosts, sealed }, maxSecrets);
        if (outcome === 'full') {
          throw new TerminalError('SECRETS_FULL', `You have ${maxSecrets} secrets, which is the limit. Delete one.`);
        }
        if (outcome === 'forbidden') {
          throw new TerminalError(
            'SCOPE_MISSING',
            'Your account may look at things but not change them. Ask an owner for another role.',
          );
        }
        return { status: 200, body: await shown(userId), audit: { id: name } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/secrets/:name',
      tag: 'Account',
      summary: 'Delete a secret',
      auth: 'user',
      scope: 'account',
      place: { of: 'workspace', role: 'admin' },
      notFound: 'SECRET_NOT_FOUND',
      params: secretParams,
      audit: { action: 'secret.delete', subject: 'secret' },
      responses: { 204: { description: 'It is gone.' } },
      handler: async ({ scope, params: { name } }) => {
        if (await deleteSecret(pool, scope.workspaceId, name)) return { status: 204, audit: { id: name } };
        throw new TerminalError('SECRET_NOT_FOUND', `You have no secret "${name}". Choose one from the list.`);
      },
    }),
  ];
}
