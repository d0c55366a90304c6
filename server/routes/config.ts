import type { Request } from 'express';
import { clientConfigSchema, limitsSchema, type Limits } from '../../core/api/config.ts';
import { maxBytesOf } from '../../core/data-types/table.ts';
import { maxNodeOutputBytes } from '../../core/limits.ts';
import { maxCrashes } from '../../core/run/decide.ts';
import { defaultRetryPolicy } from '../../core/run/retry.ts';
import { defaultCallLimits } from '../../providers/provider.ts';
import { credentialsOf } from '../auth/principal.ts';
import type { ServerDependencies, ServerSettings } from './deps.ts';
import { limit } from '../limits/rate-limits.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { maxGraphBytes } from '../../core/graph/limits.ts';
import { httpLimits, jsonLimits, socketLimits, type ConfigurableLimits } from '../limits/limits.ts';

/** What anybody may know: how to sign in. And the limits, for those who have. */
export function configRoutes({ auth, browserSignIn, settings, limits, rates }: ServerDependencies): AnyRoute[] {
  const shown = shownLimits(limits, settings);

  /** A wrong credential counts as it does everywhere; here it only shows less. */
  async function isSignedIn(request: Request): Promise<boolean> {
    const credentials = credentialsOf(request.headers);
    if (auth.credentialOf(credentials) === null) return false;
    if ((await auth.authenticate(credentials)) !== null) return true;
    limit(await rates.takeFrom('badCredential', request.ip ?? 'unknown'));
    return false;
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/config',
      tag: 'Installation',
      summary: 'What a client needs before signing in',
      auth: 'none',
      scope: 'any',
      place: 'installation',
      responses: { 200: { description: 'With the limits for those who are signed in.', schema: clientConfigSchema } },
      handler: async ({ request }) => {
        const body = {
          name: 'heddle' as const,
          version: settings.version,
          auth: browserSignIn.client,
          embedded: settings.embedded,
        };
        return { status: 200, body: (await isSignedIn(request)) ? { ...body, limits: shown } : body };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/limits',
      tag: 'Installation',
      summary: 'The limits of this installation',
      auth: 'user',
      scope: 'any',
      place: 'installation',
      responses: { 200: { description: 'Sizes in bytes, times in milliseconds.', schema: limitsSchema } },
      handler: async () => ({ status: 200, body: shown }),
    }),
  ];
}

function shownLimits(limits: ConfigurableLimits, settings: ServerSettings): Limits {
  const { pollIntervalMs: _poll, recheckIntervalMs: _recheck, ...sockets } = socketLimits;
  return {
    json: jsonLimits,
    graph: { maxBytes: maxGraphBytes, ...limits.graph },
    upload: { maxBytes: maxBytesOf(undefined, limits.media) },
    media: limits.media,
    storage: { maxBytesPerUser: limits.storage.maxBytes, maxFilesPerUser: limits.storage.maxFiles },
    data: { maxBytesPerUser: limits.data.maxBytes, maxWorkflowsPerUser: limits.data.maxWorkflows },
    fetch: limits.fetch,
    nodes: {
      timeoutMs: settings.nodeTimeoutMs,
      maxOutputBytes: maxNodeOutputBytes,
      maxCrashes,
      maxTries: defaultRetryPolicy.maxTries,
    },
    models: {
      ...limits.models,
      // What no call is longer than, whatever its provider.
      firstByteMs: Math.max(limits.models.gemini.firstByteMs, limits.models.openai.firstByteMs),
      totalMs: Math.max(limits.models.gemini.totalMs, limits.models.openai.totalMs),
      listMs: defaultCallLimits.listMs,
      maxOutputBytes: defaultCallLimits.maxOutputBytes,
    },
    runs: {
      maxActivePerUser: limits.maxActiveRunsPerUser,
      ...limits.runQueue,
      ...limits.regions,
      timeoutMs: settings.runTimeouts.defaultMs,
      maxTimeoutMs: settings.runTimeouts.mostMs,
    },
    rates: limits.rates,
    sockets,
    http: httpLimits,
  };
}
