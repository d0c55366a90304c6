import type { z } from 'zod';
import { apiKeyListSchema, createApiKeyBodySchema, createdApiKeySchema, type ApiKey } from '../../core/api/keys.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { allows, type WorkspaceRole } from '../../core/scope.ts';
import { insertApiKey } from '../../db/api-keys/insert.ts';
import { listApiKeys } from '../../db/api-keys/list.ts';
import { revokeApiKey } from '../../db/api-keys/revoke.ts';
import { announceAccess } from '../auth/announce-access.ts';
import type { Principal } from '../auth/principal.ts';
import { roleIn, workspaceNotFound } from '../auth/scope-of.ts';
import { hashSecret, keyPrefix, newApiKey } from '../auth/secrets.ts';
import type { ServerDependencies } from './deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { limit } from '../limits/rate-limits.ts';
import { apiKeyParams } from './parameters.ts';

/** More keys than programs; a script that makes a new one for each call is stopped. */
const maxKeysPerUser = 100;

type CreateBody = z.output<typeof createApiKeyBodySchema>;

/** API keys: shown once, stored as hashes. */
export function keyRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db } = deps;

  /** The keys that whoever asks may know of: a key that is for less than its account knows only those that are no wider. */
  async function known(principal: Principal): Promise<ApiKey[]> {
    return (await listApiKeys(db, principal.userId)).filter((key) => isNoWider(key, principal));
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/keys',
      tag: 'API keys',
      summary: 'List your API keys; to one that is limited, those that are no wider',
      auth: 'user',
      scope: 'read',
      place: 'person',
      responses: { 200: { description: 'Newest first.', schema: apiKeyListSchema } },
      handler: async ({ principal }) => ({ status: 200, body: { items: await known(principal) } }),
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
        const made = await storeNewKey(deps, principal, body);
        const { id, name, scopes, expiresAt, workspaceId, role } = made;
        return { status: 201, body: made, audit: { id, name, details: { scopes, expiresAt, workspaceId, role } } };
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
        const isKnown = (await known(principal)).some(({ id }) => id === params.id);
        const name = isKnown ? await revokeApiKey(db, principal.userId, params.id) : null;
        if (name === null) throw apiKeyNotFound(params.id);
        await announceAccess(deps, principal.userId);
        return { status: 204, audit: { name } };
      },
    }),
  ];
}

/** API_KEY_NOT_FOUND, for keys of others as well. */
export function apiKeyNotFound(id: string): TerminalError {
  return new TerminalError('API_KEY_NOT_FOUND', `There is no API key ${id}. Choose one from the list.`);
}

/** Makes a key of an account: that of whoever asks, unless another one is given. */
export async function storeNewKey(
  { db, newId, now, rates }: Pick<ServerDependencies, 'db' | 'newId' | 'now' | 'rates'>,
  principal: Principal,
  body: CreateBody,
  userId: string = principal.userId,
): Promise<z.output<typeof createdApiKeySchema>> {
  const powers = powersOf(principal, body, now());
  limit(await rates.take('credential', principal.userId));
  const key = newApiKey();
  const made = {
    ...powers,
    id: newId(),
    userId,
    name: body.name,
    prefix: keyPrefix(key),
    keyHash: hashSecret(key),
  };
  const stored = await insertApiKey(db, made, maxKeysPerUser);
  if (stored === 'full') {
    throw new TerminalError(
      'REQUEST_INVALID',
      `The account has ${maxKeysPerUser} API keys, the most there may be. Delete one first.`,
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
  return { ...stored, key };
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
  return { scopes, expiresAt: wanted, ...placeOf(principal, body) };
}

/** Whether a key is good in no more places, and for no more, than what asks. */
function isNoWider(key: Pick<ApiKey, 'workspaceId' | 'role'>, { within = null, mostRole = null }: Principal): boolean {
  if (within !== null && key.workspaceId !== within) return false;
  return mostRole === null || (key.role !== null && allows(mostRole, key.role));
}

/** Where the new key is good, and with which role at most: never in more places, nor with more, than what makes it. */
function placeOf(principal: Principal, body: CreateBody): { workspaceId: string | null; role: WorkspaceRole | null } {
  const { within = null, mostRole = null } = principal;
  const workspaceId = body.workspaceId ?? within;
  if (workspaceId !== null && roleIn(principal, workspaceId) === null) throw workspaceNotFound(workspaceId);
  const role = body.role ?? mostRole;
  if (role !== null && mostRole !== null && !allows(mostRole, role)) {
    throw new TerminalError(
      'SCOPE_MISSING',
      `This API key has the role "${mostRole}" and cannot pass on more. Sign in and make the key yourself.`,
    );
  }
  return { workspaceId, role };
}
