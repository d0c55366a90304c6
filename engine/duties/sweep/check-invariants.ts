import { areInvariantsDue, saveInvariantChecks } from '../../../db/invariants/save-checks.ts';
import { checkInvariants as countViolations } from '../../../db/invariants/check.ts';
import type { Duty } from '../duty.ts';
import type { SweepContext } from './sweep-context.ts';

/** What is checked: runs that are under way, and those that ended since the check before, up to this many of each. */
const checkedRuns = 200;
const checkedWindowMs = 90_000;

/**
 * Looks at what must be true whatever has crashed, once for the whole installation, and keeps it for the metrics. A broken
 * invariant is a fault of the engine: it is told and shown, and nothing is stopped for it.
 */
export const checkInvariants: Duty<SweepContext> = {
  name: 'check-invariants',
  everyMs: ({ times }) => times.checkMs,
  run: async ({ pool, logger, times }) => {
    if (!(await areInvariantsDue(pool, times.checkMs))) return;
    const scope = { leaseMs: times.leaseMs, windowMs: checkedWindowMs, limit: checkedRuns };
    const violations = await countViolations(pool, scope);
    await saveInvariantChecks(pool, violations);
    const broken = Object.entries(violations).filter(([, count]) => count > 0);
    if (broken.length > 0) logger.error({ broken: Object.fromEntries(broken) }, 'invariants are broken');
  },
};
