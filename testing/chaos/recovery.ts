import { groupBy } from './group-by.ts';
import type { HistoryEvent, HistoryRun } from './history.ts';
import type { Fault } from './nemesis.ts';
import type { ProcessLife } from './stack.ts';

/**
 * How long it took from the death of a worker until what it ran was running
 * again. Time in which every worker was dead or frozen does not count: there
 * was nobody who could have taken over.
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

interface Recovery {
  readonly run: HistoryRun;
  readonly lost: HistoryEvent;
  readonly death: Fault;
  readonly handedOn: HistoryEvent;
  readonly next: HistoryEvent;
  readonly ms: number;
  /** Of the time that it took: when no worker was there, which is not in `ms`. */
  readonly unattendedMs: number;
}

/** Nobody is excused by a service that was away for less, as after a crash. */
const outageMs = 3_000;
/** And one that was away for longer needs a moment until everybody has found it again. */
const settleMs = 2_000;
const shownRecoveries = 3;

/**
 * @param workers pid by worker session
 * @param lives of all processes of workers
 */
export function measureRecoveries(
  runs: Iterable<HistoryRun>,
  faults: readonly Fault[],
  workers: ReadonlyMap<string, number>,
  lives: readonly ProcessLife[],
): Recoveries {
  const outages = faults.filter(({ name, from, to }) => name === 'absence' && Number(to) - Number(from) > outageMs);
  const all = [...runs].flatMap((run) => recoveriesOf(run, faults, workers, lives));
  const counted = all.filter(
    ({ death, next }) =>
      !outages.some(
        (outage) => outage.from < next.at && (outage.to ?? next.at).getTime() + settleMs > death.from.getTime(),
      ),
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
      .map((recovery) => describe(recovery, faults, workers)),
  };
}

function recoveriesOf(
  run: HistoryRun,
  faults: readonly Fault[],
  workers: ReadonlyMap<string, number>,
  lives: readonly ProcessLife[],
): readonly Recovery[] {
  const deaths = groupBy(
    faults.filter((fault) => fault.pid !== null),
    (fault) => fault.pid!,
  );
  const found: Recovery[] = [];
  for (const attempts of groupBy(run.events, (event) => event.nodeExecutionId).values()) {
    for (const lost of attempts.filter(({ status }) => status === 'RUNNING')) {
      const death = deaths.get(workers.get(lost.workerId ?? '') ?? -1)?.find(({ from }) => from >= lost.at);
      const next = attempts.find((event) => event.status === 'RUNNING' && event.attempt === lost.attempt! + 1);
      const handedOn = attempts.find((event) => event.status === 'QUEUED' && event.attempt === lost.attempt! + 1);
      // Only what the death itself cut off: a retry was on its way before it.
      if (death === undefined || next === undefined || handedOn === undefined || handedOn.at < death.from) continue;
      const unattendedMs = unattended(death.from, next.at, faults, lives);
      const ms = next.at.getTime() - death.from.getTime() - unattendedMs;
      found.push({ run, lost, death, handedOn, next, ms, unattendedMs });
    }
  }
  return found;
}

/** Milliseconds between the two in which no worker was alive and awake. */
export function unattended(from: Date, to: Date, faults: readonly Fault[], lives: readonly ProcessLife[]): number {
  const attends = (moment: number) =>
    lives.some(
      (life) => isWithin(moment, life) && !faults.some((fault) => isFreezeOf(life, fault) && isWithin(moment, fault)),
    );
  // Nothing changes between two of these.
  const moments = [from, to, ...[...lives, ...faults].flatMap((span) => [span.from, span.to ?? to])]
    .map((moment) => moment.getTime())
    .filter((moment) => moment >= from.getTime() && moment <= to.getTime())
    .toSorted((left, right) => left - right);
  return moments.slice(1).reduce((sum, moment, index) => {
    const before = moments[index]!;
    return attends((before + moment) / 2) ? sum : sum + moment - before;
  }, 0);
}

function isWithin(moment: number, span: { readonly from: Date; readonly to: Date | null }): boolean {
  return span.from.getTime() <= moment && moment <= (span.to?.getTime() ?? Number.POSITIVE_INFINITY);
}

function isFreezeOf({ pid }: ProcessLife, fault: Fault): boolean {
  return fault.name === 'freeze' && fault.pid === pid;
}

function describe(
  { run, lost, death, handedOn, next, ms, unattendedMs }: Recovery,
  faults: readonly Fault[],
  workers: ReadonlyMap<string, number>,
): string {
  const since = (time: Date) => `${((time.getTime() - death.from.getTime()) / 1_000).toFixed(1)} s`;
  const node = run.nodes.find(({ id }) => id === lost.nodeExecutionId)?.nodeId ?? '';
  const meanwhile = faults
    .filter((fault) => fault !== death && fault.from < next.at && (fault.to ?? next.at) > death.from)
    .map((fault) => `${fault.name} of ${fault.target} from ${since(fault.from)} to ${since(fault.to ?? next.at)}`);
  return (
    `${ms} ms (and ${unattendedMs} ms without a worker): ${node} of run ${run.id}, attempt ${lost.attempt}, lost by ${death.name} of ${death.target} ` +
    `(pid ${death.pid}); handed on after ${since(handedOn.at)}, running again after ${since(next.at)} ` +
    `on pid ${workers.get(next.workerId ?? '') ?? 'unknown'}; meanwhile: ${meanwhile.join('; ') || 'nothing'}`
  );
}
