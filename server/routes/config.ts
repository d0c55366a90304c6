import { clientConfigSchema, limitsSchema, type Limits } from '../../core/api/config.ts';
import type { RunTurns } from '../../engine/run-turns.ts';
import type { ServerDependencies } from '../deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import {
  httpLimits,
  jsonLimits,
  maxGraphBytes,
  maxUploadBytes,
  socketLimits,
  type ConfigurableLimits,
} from '../limits.ts';

/** What anybody may know: how to sign in, and the limits. */
export function configRoutes({ auth, settings, limits, turns }: ServerDependencies): AnyRoute[] {
  const shown = shownLimits(limits, turns);
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

function shownLimits(limits: ConfigurableLimits, turns: RunTurns): Limits {
  const { pollIntervalMs: _poll, recheckIntervalMs: _recheck, ...sockets } = socketLimits;
  return {
    json: jsonLimits,
    graph: { maxBytes: maxGraphBytes, ...limits.graph },
    upload: { maxBytes: maxUploadBytes },
    runs: { maxActivePerUser: turns.maxActivePerUser, ...limits.runQueue },
    rates: limits.rates,
    sockets,
    http: httpLimits,
  };
}
