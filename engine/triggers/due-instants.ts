import type { Misfire } from '../../core/api/schedules.ts';
import type { Schedule } from './schedule.ts';

/** What happens to times that passed while nobody looked. */
export interface MisfireRule {
  readonly misfire: Misfire;
  /** Missed instants that are made up for at most, the latest of them. */
  readonly misfireLimit: number;
}

/** What becomes of a schedule whose next instant has come. */
export interface DueInstants {
  /** Each gets its run. */
  readonly fires: readonly Date[];
  /** Instants that nothing is started for; null: none. */
  readonly missed: Missed | null;
  /** Null: there are no more. */
  readonly next: Date | null;
}

/** Times that passed, and what is made of them. */
export interface Missed {
  readonly from: Date;
  readonly to: Date;
}

/** A restart of servers or of the database is no outage: each instant gets its run, only later. */
export const graceMs = 60_000;

/**
 * What is due of a schedule whose next instant was `nextAt`. Where that is longer ago than the grace, there was an outage:
 * what has come due since is missed, and the rule says what is made up for.
 *
 * @param nextAt not after `now`
 */
export function dueInstants(schedule: Schedule, nextAt: Date, now: Date, rule: MisfireRule): DueInstants {
  const next = schedule.after(now, 1)[0] ?? null;
  if (now.getTime() - nextAt.getTime() <= graceMs) {
    return { fires: [nextAt, ...between(schedule, nextAt, now)], missed: null, next };
  }
  const count = rule.misfire === 'skip' ? 0 : rule.misfire === 'once' ? 1 : rule.misfireLimit;
  // One more than are made up for: the latest of those that are not.
  const latest = latestUntil(schedule, nextAt, now, count + 1);
  const fires = count === 0 ? [] : latest.slice(-count);
  const left = latest.length > count ? latest[latest.length - count - 1]! : null;
  return { fires, missed: left === null ? null : { from: nextAt, to: left }, next };
}

/** Instants asked for at once at most: what a library is asked beyond the last one is in vain. */
const mostAtOnce = 64;

/** After `from`, until `to`. */
function between(schedule: Schedule, from: Date, to: Date): Date[] {
  const found: Date[] = [];
  for (let last = from, count = 1; ; count = Math.min(count * 2, mostAtOnce)) {
    const fitting = schedule.after(last, count).filter((instant) => instant <= to);
    found.push(...fitting);
    if (fitting.length < count) return found;
    last = fitting[fitting.length - 1]!;
  }
}

const firstWindowMs = 60_000;

/** The latest `count` instants from `first` (which is one) until `to`, oldest first. Looks back further and further. */
function latestUntil(schedule: Schedule, first: Date, to: Date, count: number): Date[] {
  for (let windowMs = firstWindowMs; ; windowMs *= 4) {
    const start = new Date(to.getTime() - windowMs);
    const isAll = start <= first;
    const found = isAll ? [first, ...between(schedule, first, to)] : between(schedule, start, to);
    if (isAll || found.length >= count) return found.slice(-count);
  }
}
