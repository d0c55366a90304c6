import { groupBy } from './group-by.ts';
import type { HistoryEvent, HistoryRun } from './history.ts';
import type { Fault } from './nemesis.ts';
import type { ProcessLife, TakenAttempt } from './stack.ts';

/**
 * How long it took from the death of a worker until what it ran, or had taken
 * from the queue and was about to claim, was running again, or had been taken by
 * the next one. Time in which every worker was dead, starting or frozen, or in which
 * Postgres or Redis was away, does not count: there was nobody who could have taken over.
 */
export interface Recoveries {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Those in which a service was away for part of the time: nobody could have taken over sooner. */
  readonly during: number;
  /** The slowest ones, each in a line: what happened when. */
  readonly slowest: readonly string[];
}

/** What was seen beside what is stored. */
export interface Observations {
  readonly faults: readonly Fault[];
  /** Process by worker session. */
  readonly workers: ReadonlyMap<string, number>;
  /** Of all processes of workers. */
  readonly lives: readonly ProcessLife[];
  readonly taken: readonly TakenAttempt[];
}

interface Recovery {
  readonly run: HistoryRun;
  readonly attempt: HistoryEvent;
  readonly death: Fault;
  /** When somebody had it again, and which process. */
  readonly at: Date;
  readonly pid: number | undefined;
  readonly handedOnAt: Date;
  readonly ms: number;
  /** Of the time that it took: when no worker was there, which is not in `ms`. */
  readonly unattendedMs: number;
}

/** What a service that was away for longer leaves behind is looked at apart; one that was away for less takes its own time alone. */
const outageMs = 3_000;
/** And one that was away for longer needs a moment until everybody has found it again. */
const settleMs = 2_000;
const shownRecoveries = 3;

export function measureRecoveries(runs: Iterable<HistoryRun>, seen: Observations): Recoveries {
  const outages = seen.faults.filter(
    ({ name, from, to }) => name === 'absence' && Number(to) - Number(from) > outageMs,
  );
  const taken = groupBy(seen.taken, keyOf);
  const deaths = groupBy(
    seen.faults.filter(({ pid }) => pid !== null),
    ({ pid }) => pid!,
  );
  const all = [...runs].flatMap((run) => recoveriesOf(run, seen, deaths, taken));
  const counted = all.filter(
    ({ death, at }) =>
      !outages.some((outage) => outage.from < at && (outage.to ?? at).getTime() + settleMs > death.from.getTime()),
  );
  counted.sort((left, right) => left.ms - right.ms);
  const at = (share: number) => counted[Math.min(counted.length - 1, Math.floor(counted.length * share))]?.ms ?? 0;
  return {
    count: counted.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: counted.at(-1)?.ms ?? 0,
    during: all.length - counted.length,
    slowest: counted
      .slice(-shownRecoveries)
      .toReversed()
      .map((recovery) => describe(recovery, seen.faults)),
  };
}

const keyOf = ({ id, attempt }: { readonly id: string; readonly attempt: number }) => `${id} ${attempt}`;

function recoveriesOf(
  run: HistoryRun,
  seen: Observations,
  deaths: ReadonlyMap<number, readonly Fault[]>,
  taken: ReadonlyMap<string, readonly TakenAttempt[]>,
): readonly Recovery[] {
  const found: Recovery[] = [];
  for (const [id, events] of groupBy(run.events, (event) => event.nodeExecutionId)) {
    if (id === null) continue;
    for (const next of events.filter(({ status }) => status === 'RUNNING')) {
      const queued = events.find(({ status, attempt }) => status === 'QUEUED' && attempt === next.attempt);
      // One that was gone on with was never in the queue, and is not taken from it.
      if (queued === undefined) continue;
      const add = (death: Fault, at: Date, pid: number | undefined) => {
        const unattendedMs = unattended(death.from, at, seen);
        const ms = at.getTime() - death.from.getTime() - unattendedMs;
        found.push({ run, attempt: next, death, at, pid, handedOnAt: queued.at, ms, unattendedMs });
      };
      let death = deathOfHolder(events, queued, next, seen, deaths);
      const takers = (taken.get(keyOf({ id, attempt: next.attempt! })) ?? []).filter(({ at }) => at < next.at);
      for (const taker of takers.toSorted((left, right) => Number(left.at) - Number(right.at))) {
        const end = deaths.get(taker.pid)?.find(({ from }) => from >= taker.at && from < next.at);
        if (end === undefined) continue;
        if (death !== undefined) add(death, taker.at, taker.pid);
        death = end;
      }
      if (death !== undefined) add(death, next.at, seen.workers.get(next.workerId ?? ''));
    }
  }
  return found;
}

/** What cut off the attempt before; none where it ended by itself, so that a retry was on its way already, or waits. */
function deathOfHolder(
  events: readonly HistoryEvent[],
  queued: HistoryEvent,
  next: HistoryEvent,
  { workers }: Observations,
  deaths: ReadonlyMap<number, readonly Fault[]>,
): Fault | undefined {
  const lost = events.find(({ status, attempt }) => status === 'RUNNING' && attempt === next.attempt! - 1);
  if (lost === undefined) return undefined;
  const death = deaths.get(workers.get(lost.workerId ?? '') ?? -1)?.find(({ from }) => from >= lost.at);
  if (death === undefined || death.from > queued.at) return undefined;
  // What waits, as a list does for its elements, has no holder any more: it is in the queue again once that is over.
  const isWaiting = events.some(
    ({ status, attempt, at }) => status === 'WAITING' && attempt === lost.attempt && at <= death.from,
  );
  return isWaiting ? undefined : death;
}

/** How services end. One that has lost its disk, or whose absence is short, is away like any other. */
const servicesAway = new Set(['kill -9', 'immediate stop', 'lost disk']);

/** Milliseconds between the two in which no worker was up and awake, or a service was away: nobody could have taken over. */
export function unattended(from: Date, to: Date, { faults, lives }: Pick<Observations, 'faults' | 'lives'>): number {
  const outages = faults.filter(({ name, target }) => ['postgres', 'redis'].includes(target) && servicesAway.has(name));
  const attends = (moment: number) =>
    !outages.some((outage) => isWithin(moment, outage)) &&
    lives.some(
      (life) => isWithin(moment, life) && !faults.some((fault) => isFreezeOf(life, fault) && isWithin(moment, fault)),
    );
  // Nothing changes between two of these.
  const moments = [from, to, ...[...lives, ...faults].flatMap((span) => [span.from ?? to, span.to ?? to])]
    .map((moment) => moment.getTime())
    .filter((moment) => moment >= from.getTime() && moment <= to.getTime())
    .toSorted((left, right) => left - right);
  return moments.slice(1).reduce((sum, moment, index) => {
    const before = moments[index]!;
    return attends((before + moment) / 2) ? sum : sum + moment - before;
  }, 0);
}

function isWithin(moment: number, span: { readonly from: Date | null; readonly to: Date | null }): boolean {
  return (
    span.from !== null && span.from.getTime() <= moment && moment <= (span.to?.getTime() ?? Number.POSITIVE_INFINITY)
  );
}

function isFreezeOf({ pid }: ProcessLife, fault: Fault): boolean {
  return fault.name === 'freeze' && fault.pid === pid;
}

function describe(
  { run, attempt, death, at, pid, handedOnAt, ms, unattendedMs }: Recovery,
  faults: readonly Fault[],
): string {
  const since = (time: Date) => `${((time.getTime() - death.from.getTime()) / 1_000).toFixed(1)} s`;
  const node = run.nodes.find(({ id }) => id === attempt.nodeExecutionId)?.nodeId ?? '';
  const meanwhile = faults
    .filter((fault) => fault !== death && fault.from < at && (fault.to ?? at) > death.from)
    .map((fault) => `${fault.name} of ${fault.target} from ${since(fault.from)} to ${since(fault.to ?? at)}`);
  return (
    `${ms} ms (and ${unattendedMs} ms without a worker): attempt ${attempt.attempt} of ${node} of run ${run.id}, ` +
    `after ${death.name} of ${death.target} (pid ${death.pid}); in the queue after ${since(handedOnAt)}, ` +
    `with pid ${pid ?? 'unknown'} after ${since(at)}; meanwhile: ${meanwhile.join('; ') || 'nothing'}`
  );
}
