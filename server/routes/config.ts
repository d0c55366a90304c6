import { clientConfigSchema, limitsSchema, type Limits } from '../../core/api/config.ts';
import { maxNodeOutputBytes } from '../../core/limits.ts';
import { maxCrashes } from '../../core/run/decide.ts';
import { defaultRetryPolicy } from '../../core/run/retry.ts';
import { defaultCallLimits } from '../../providers/provider.ts';
import type { ServerDependencies, ServerSettings } from '../deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { httpLimits, jsonLimits, maxGraphBytes, socketLimits, type ConfigurableLimits } from '../limits.ts';

/** What anybody may know: how to sign in, and the limits. */
export function configRoutes({ auth, settings, limits }: ServerDependencies): AnyRoute[] {
  const shown = shownLimits(limits, settings);
  return [
    defineRoute({
      method: 'get',
      path: '/api/config',
      tag: 'Installation',
      summary: 'What a client needs before signing in',
      auth: 'none',
      scope: 'any',
      responses: { 200: { description: 'The same for everybody.', schema: clientConfigSchema } },
      handler: async () => ({
        status: 200,
        body: {
          name: 'heddle',
          version: settings.version,
          auth: auth.clientConfig(),
          embedded: settings.embedded,
          limits: shown,
        },
      }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/limits',
      tag: 'Installation',
      summary: 'The limits of this installation',
      auth: 'none',
      scope: 'any',
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
    upload: { maxBytes: Math.max(limits.media.maxImageBytes, limits.media.maxVideoBytes) },
    media: limits.media,
    storage: { maxBytesPerUser: limits.storage.maxBytes, maxFilesPerUser: limits.storage.maxFiles },
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
    runs: { maxActivePerUser: limits.maxActiveRunsPerUser, ...limits.runQueue, timeoutMs: settings.runTimeoutMs },
    rates: limits.rates,
    sockets,
    http: httpLimits,
  };
}
