import { z } from 'zod';
import { apiKeySchema, createApiKeyBodySchema, createdApiKeySchema } from '../../core/api/keys.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { countApiKeys, deleteApiKey, insertApiKeyOnce, listApiKeys } from '../../db/queries/api-keys.ts';
import { hashSecret, keyPrefix, newApiKey } from '../auth/secrets.ts';
import type { ServerDependencies } from '../deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { apiKeyParams } from './parameters.ts';

/** More keys than programs; a script that makes a new one for each call is stopped. */
const maxKeysPerUser = 100;

const apiKeyListSchema = z.object({ items: z.array(apiKeySchema) }).meta({ id: 'ApiKeys' });

/** API keys: shown once, stored as hashes. */
export function keyRoutes({ db, newId }: ServerDependencies): AnyRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/keys',
      tag: 'API keys',
      summary: 'List your API keys',
      auth: 'user',
      responses: { 200: { description: 'Newest first.', schema: apiKeyListSchema } },
      handler: async ({ principal }) => ({ status: 200, body: { items: await listApiKeys(db, principal.userId) } }),
    }),
    defineRoute({
      method: 'post',
      path: '/api/keys',
      tag: 'API keys',
      summary: 'Create an API key; it is shown in this answer only',
      auth: 'user',
      body: createApiKeyBodySchema,
      responses: { 201: { description: 'The new key.', schema: createdApiKeySchema } },
      handler: async ({ principal, body }) => {
        if ((await countApiKeys(db, principal.userId)) >= maxKeysPerUser) {
          throw new TerminalError(
            'REQUEST_INVALID',
            `You have ${maxKeysPerUser} API keys, the most there may be. Delete one first.`,
          );
        }
        const key = newApiKey();
        const stored = await insertApiKeyOnce(db, {
          id: newId(),
          userId: principal.userId,
          name: body.name,
          prefix: keyPrefix(key),
          keyHash: hashSecret(key),
        });
        return { status: 201, body: { ...stored, key } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/keys/:id',
      tag: 'API keys',
      summary: 'Revoke an API key',
      auth: 'user',
      notFound: 'API_KEY_NOT_FOUND',
      params: apiKeyParams,
      responses: { 204: { description: 'It does not work any more.' } },
      handler: async ({ principal, params }) => {
        if (await deleteApiKey(db, principal.userId, params.id)) return { status: 204 };
        throw new TerminalError('API_KEY_NOT_FOUND', `You have no API key ${params.id}.`);
      },
    }),
  ];
}
