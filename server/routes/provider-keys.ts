import { z } from 'zod';
import {
  ownKeyProviders,
  providerKeysSchema,
  saveProviderKeyBodySchema,
  type OwnKeyProvider,
  type ProviderKeys,
} from '../../core/api/provider-keys.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { deleteProviderKey } from '../../db/provider-keys/delete.ts';
import { listProviderKeys } from '../../db/provider-keys/list.ts';
import { saveProviderKey } from '../../db/provider-keys/save.ts';
import { keyBinding } from '../../providers/secret-box.ts';
import type { ServerDependencies } from './deps.ts';
import { FindingsError } from '../../core/errors/findings-error.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';

const keyParams = z.object({ provider: z.enum(ownKeyProviders) });

const titles: Readonly<Record<OwnKeyProvider, string>> = { gemini: 'Gemini', openai: 'OpenAI-compatible' };

/** Keys of users for model providers: written, never read back. Calls of models alone open them. */
export function providerKeyRoutes({ pool, secretBox, checkAddress }: ServerDependencies): AnyRoute[] {
  async function shown(userId: string): Promise<ProviderKeys> {
    const keys = await listProviderKeys(pool, userId);
    return {
      available: secretBox !== null,
      items: ownKeyProviders.map((provider) => {
        const key = keys.find((candidate) => candidate.provider === provider);
        return {
          provider,
          title: titles[provider],
          isSet: key !== undefined,
          baseUrl: key?.baseUrl ?? null,
          models: [...(key?.models ?? [])],
          updatedAt: key?.updatedAt.toISOString() ?? null,
        };
      }),
    };
  }

  /** The key that is saved for an address; null where there is none. */
  async function savedFor(of: { userId: string; provider: OwnKeyProvider; baseUrl: string | null }) {
    const keys = await listProviderKeys(pool, of.userId);
    return keys.find(({ provider, baseUrl }) => provider === of.provider && baseUrl === of.baseUrl)?.sealed ?? null;
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/provider-keys',
      tag: 'Models',
      summary: 'Which model providers you have a key of your own for; the keys cannot be read',
      auth: 'user',
      scope: 'read',
      place: { of: 'workspace', role: 'viewer' },
      responses: { 200: { description: 'One line for each provider.', schema: providerKeysSchema } },
      handler: async ({ scope }) => ({ status: 200, body: await shown(scope.workspaceId) }),
    }),
    defineRoute({
      method: 'put',
      path: '/api/provider-keys/:provider',
      tag: 'Models',
      summary: 'Save a key of your own; it is encrypted, and used by your nodes instead of the installation’s',
      auth: 'user',
      scope: 'account',
      place: { of: 'workspace', role: 'admin' },
      // Nothing of theirs would ever use it.
      isClosedToViewers: true,
      notFound: 'PROVIDER_KEY_NOT_FOUND',
      params: keyParams,
      body: saveProviderKeyBodySchema,
      audit: { action: 'provider-key.save', subject: 'provider-key' },
      responses: { 200: { description: 'As the list shows them now.', schema: providerKeysSchema } },
      handler: async ({ scope, params, body, signal }) => {
        const userId = scope.workspaceId;
        const { provider } = params;
        if (secretBox === null) {
          throw new TerminalError(
            'SECRETS_UNAVAILABLE',
            'Keys cannot be saved: the operator of this installation has not set SECRETS_KEY. Ask for it.',
          );
        }
        const baseUrl = await baseUrlOf(provider, body.baseUrl, signal);
        const saved = body.key === undefined ? await savedFor({ userId, provider, baseUrl }) : null;
        if (body.key === undefined && saved === null && baseUrl === null) throw invalidField('Give the key.', 'key');
        const sealed = saved ?? secretBox.seal(body.key ?? '', keyBinding({ userId, provider, baseUrl }));
        if (!(await saveProviderKey(pool, { userId, provider, baseUrl, sealed, models: body.models }))) {
          throw new TerminalError(
            'SCOPE_MISSING',
            'Your account may look at things but not change them. Ask an owner for another role.',
          );
        }
        return { status: 200, body: await shown(userId), audit: { id: provider } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/provider-keys/:provider',
      tag: 'Models',
      summary: 'Delete a key of your own',
      auth: 'user',
      scope: 'account',
      place: { of: 'workspace', role: 'admin' },
      notFound: 'PROVIDER_KEY_NOT_FOUND',
      params: keyParams,
      audit: { action: 'provider-key.delete', subject: 'provider-key' },
      responses: { 204: { description: 'It is gone.' } },
      handler: async ({ scope, params }) => {
        if (await deleteProviderKey(pool, scope.workspaceId, params.provider)) {
          return { status: 204, audit: { id: params.provider } };
        }
        throw new TerminalError(
          'PROVIDER_KEY_NOT_FOUND',
          `You have no key of your own for ${titles[params.provider]}. Choose one from the list.`,
        );
      },
    }),
  ];

  /** The checked address of an OpenAI-compatible server; Gemini has one of its own. */
  async function baseUrlOf(
    provider: OwnKeyProvider,
    given: string | undefined,
    signal: AbortSignal,
  ): Promise<string | null> {
    if (provider === 'gemini') {
      if (given === undefined) return null;
      throw invalidField('Gemini keys are sent to Google alone: leave baseUrl out.');
    }
    if (given === undefined) throw invalidField('Say where the server is: baseUrl, such as https://api.openai.com/v1.');
    const url = await checkAddress(given, signal);
    if (url.search !== '' || url.hash !== '') throw invalidField('baseUrl must not hold a query or fragment.');
    return url.href.replace(/\/+$/, '');
  }
}

function invalidField(message: string, path = 'baseUrl'): FindingsError {
  return new FindingsError('REQUEST_INVALID', message, [{ code: 'REQUEST_INVALID', message, path }]);
}
