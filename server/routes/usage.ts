import { usageSchema } from '../../core/api/usage.ts';
import { measureUserData } from '../../db/user-data/measure.ts';
import { measureUsage } from '../../db/users/measure-usage.ts';
import type { ServerDependencies } from './deps.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';

/** Thirty days: about what a bill covers. */
const periodMs = 30 * 24 * 60 * 60_000;

/** What the account has used. */
export function usageRoutes({ db, pool, limits }: ServerDependencies): AnyRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/usage',
      tag: 'Account',
      summary: 'Runs and tokens of the last 30 days, and the storage in use',
      auth: 'user',
      scope: 'read',
      place: { of: 'workspace', role: 'viewer' },
      responses: { 200: { description: 'The counts.', schema: usageSchema } },
      handler: async ({ scope }) => {
        const since = new Date(Date.now() - periodMs);
        const { storage, ...counts } = await measureUsage(db, scope.workspaceId, since);
        const { maxFiles, maxBytes } = limits.storage;
        const data = { ...(await measureUserData(pool, scope.workspaceId)), ...limits.data };
        return {
          status: 200,
          body: { since: since.toISOString(), ...counts, storage: { ...storage, maxFiles, maxBytes }, data },
        };
      },
    }),
  ];
}
