import { RetryableError } from '../core/errors/app-error.ts';
import { createDataQuotaCheck } from '../engine/runs/data-quota.ts';
import { createRunQueueLimit } from '../engine/runs/run-queue-limit.ts';
import { createRunStarter, type RunStarter, type StartGuard } from '../engine/runs/run-starter.ts';
import type { ServerDependencies } from './routes/deps.ts';
import type { RateLimits } from './limits/rate-limits.ts';

/** The starter of a server: for its routes, and for what it starts by itself. */
export function openRunStarter(deps: Omit<ServerDependencies, 'starter'>): RunStarter {
  const { pool, turns, disk, limits, rates, settings } = deps;
  const now = () => performance.now();
  const dataQuota = createDataQuotaCheck({ pool, quota: limits.data });
  const queueLimit = createRunQueueLimit({ pool, maxWaiting: limits.runQueue.maxWaiting, now });
  return createRunStarter({
    ...deps,
    graphLimits: limits.graph,
    nodeTimeoutMs: settings.nodeTimeoutMs,
    runTimeouts: settings.runTimeouts,
    limits: { maxActive: turns.maxActivePerUser, maxWaiting: limits.runQueue.maxWaitingPerUser },
    requireRoom: dataQuota.requireRoom,
    guards: [
      () => disk.requireRoom(),
      (userId) => dataQuota.requireRoom(userId, 0),
      startRate(rates),
      () => queueLimit.take(),
    ],
  });
}

function startRate(rates: RateLimits): StartGuard {
  return async (userId, isPaced) => {
    if (isPaced) return;
    const waitMs = await rates.take('runStart', userId);
    if (waitMs === null) return;
    throw new RetryableError(
      'RATE_LIMITED',
      `You start runs too fast. The next one may start in ${Math.ceil(waitMs / 1_000)} s.`,
      { retryAfterMs: waitMs },
    );
  };
}
