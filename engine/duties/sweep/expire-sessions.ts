import { expireWorkerSessions } from '../../../db/workers/expire.ts';
import type { Duty } from '../duty.ts';
import { endLateAttempts } from './end-late-attempts.ts';
import { rescueAttempts } from './rescue-attempts.ts';
import type { SweepContext } from './sweep-context.ts';

/** Ends the sessions of workers that have not renewed their lease; what they had is looked for in the same sweep. */
export const expireSessions: Duty<SweepContext> = {
  name: 'expire-sessions',
  everyMs: 0,
  run: async ({ pool, logger, times, hurry }) => {
    const expired = await expireWorkerSessions(pool, times.leaseMs);
    for (const workerId of expired) logger.warn({ workerId }, 'a worker session expired');
    if (expired.length === 0) return;
    hurry(rescueAttempts);
    hurry(endLateAttempts);
  },
};
