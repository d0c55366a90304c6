import type { z } from 'zod';
import { apiKeyListSchema, createApiKeyBodySchema, createdApiKeySchema } from '../../core/api/keys.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { insertApiKey } from '../../db/api-keys/insert.ts';
import { listApiKeys } from '../../db/api-keys/list.ts';
import { revokeApiKey } from '../../db/api-keys/revoke.ts';
import { announceAccess } from '../auth/announce-access.ts';
import type { Principal } from '../auth/principal.ts';
import { hashSecret, keyPrefix, newApiKey } from '../auth/secrets.ts';
import type { ServerDependencies } from './deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { apiKeyParams } from './parameters.ts';

/** More keys than programs; a script that makes a new one for each call is stopped. */
const maxKeysPerUser = 100;

type CreateBody = z.output<typeof createApiKeyBodySchema>;

/** API keys: shown once, stored as hashes. */
export function keyRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, newId, now } = deps;
  return [
    defineRoute({
      method: 'get',
      path: '/api/keys',
      tag: 'API keys',
      summary: 'List your API keys',
      auth: 'user',
      scope: 'read',
      place: 'person',
      responses: { 200: { description: 'Newest first.', schema: apiKeyListSchema } },
      handler: async ({ principal }) => ({ status: 200, body: { items: await listApiKeys(db, principal.userId) } }),
    }),
    defineRoute({
      method: 'post',
      path: '/api/keys',
      tag: 'API keys',
      summary: 'Create an API key; it is shown in this answer only',
      auth: 'user',
      scope: 'write',
      place: 'person',
      body: createApiKeyBodySchema,
      audit: { action: 'key.create', subject: 'key' },
      responses: { 201: { description: 'The new key.', schema: createdApiKeySchema } },
      handler: async ({ principal, body }) => {
        const { scopes, expiresAt } = powersOf(principal, body, now());
        const key = newApiKey();
        const made = {
          id: newId(),
          userId: principal.userId,
          name: body.name,
          prefix: keyPrefix(key),
          keyHash: hashSecret(key),
          scopes,
          expiresAt,
        };
        const stored = await insertApiKey(db, made, maxKeysPerUser);
        if (stored === 'full') {
          throw new TerminalError(
            'REQUEST_INVALID',
            `You have ${maxKeysPerUser} API keys, the most there may be. Delete one first.`,
          );
        }
        if (stored === 'gone') {
          throw new TerminalError('AUTH_INVALID', 'The account was removed meanwhile. Ask an owner for an invitation.');
        }
        if (stored === 'barred') {
          throw new TerminalError(
            'SCOPE_MISSING',
            'Your account may look at things but not change them. Ask an owner for another role.',
          );
        }
        return {
          status: 201,
          body: { ...stored, key },
          audit: { id: stored.id, name: stored.name, details: { scopes, expiresAt: stored.expiresAt } },
        };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/keys/:id',
      tag: 'API keys',
      summary: 'Revoke an API key',
      auth: 'user',
      scope: 'write',
      place: 'person',
      notFound: 'API_KEY_NOT_FOUND',
      params: apiKeyParams,
      audit: { action: 'key.revoke', subject: 'key' },
      responses: { 204: { description: 'It does not work any more.' } },
      handler: async ({ principal, params }) => {
        const name = await revokeApiKey(db, principal.userId, params.id);
        if (name === null)
          throw new TerminalError('API_KEY_NOT_FOUND', `You have no API key ${params.id}. Choose one from the list.`);
        await announceAccess(deps, principal.userId);
        return { status: 204, audit: { name } };
      },
    }),
  ];
}

/** What the new key may do, and until when: never more, nor longer, than the credential that makes it. */
function powersOf(principal: Principal, body: CreateBody, now: Date) {
  const scopes = body.scopes ?? principal.scopes;
  const missing = scopes.find((scope) => !principal.scopes.includes(scope));
  if (missing !== undefined) {
    throw new TerminalError(
      'SCOPE_MISSING',
      `This API key lacks the scope "${missing}" and cannot pass it on. Sign in and make the key yourself.`,
    );
  }
  const limit = principal.via === 'api-key' ? principal.expiresAt : null;
  const wanted = body.expiresAt == null ? limit : new Date(body.expiresAt);
  if (wanted !== null && wanted <= now) {
    throw new TerminalError(
      'REQUEST_INVALID',
      'expiresAt lies in the past: the key would never work. Give a moment to come, or leave it out.',
    );
  }
  if (limit !== null && wanted !== null && wanted > limit) {
    throw new TerminalError(
      'SCOPE_MISSING',
      'This API key cannot make one that outlives it. Give an earlier expiresAt, or sign in and make the key yourself.',
    );
  }
  return { scopes, expiresAt: wanted };
}
