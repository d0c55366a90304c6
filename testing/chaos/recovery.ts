import { groupBy } from './group-by.ts';
import type { HistoryEvent, HistoryRun } from './history.ts';
import type { Fault } from './nemesis.ts';

/** How long it took from the death of a worker until what it ran was running again. */
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
}

/** Nobody is excused by a service that was away for less, as after a crash. */
const outageMs = 3_000;
/** And one that was away for longer needs a moment until everybody has found it again. */
const settleMs = 2_000;
const shownRecoveries = 3;

/**
 * @param workers pid by worker session
 */
export function measureRecoveries(
  runs: Iterable<HistoryRun>,
  faults: readonly Fault[],
  workers: ReadonlyMap<string, number>,
): Recoveries {
  const outages = faults.filter(({ name, from, to }) => name === 'absence' && Number(to) - Number(from) > outageMs);
  const all = [...runs].flatMap((run) => recoveriesOf(run, faults, workers));
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
      found.push({ run, lost, death, handedOn, next, ms: next.at.getTime() - death.from.getTime() });
    }
  }
  return found;
}

function describe(
  { run, lost, death, handedOn, next, ms }: Recovery,
  faults: readonly Fault[],
  workers: ReadonlyMap<string, number>,
): string {
  const since = (time: Date) => `${((time.getTime() - death.from.getTime()) / 1_000).toFixed(1)} s`;
  const node = run.nodes.find(({ id }) => id === lost.nodeExecutionId)?.nodeId ?? '';
  const meanwhile = faults
    .filter((fault) => fault !== death && fault.from < next.at && (fault.to ?? next.at) > death.from)
    .map((fault) => `${fault.name} of ${fault.target} from ${since(fault.from)} to ${since(fault.to ?? next.at)}`);
  return (
    `${ms} ms: ${node} of run ${run.id}, attempt ${lost.attempt}, lost by ${death.name} of ${death.target} ` +
    `(pid ${death.pid}); handed on after ${since(handedOn.at)}, running again after ${since(next.at)} ` +
    `on pid ${workers.get(next.workerId ?? '') ?? 'unknown'}; meanwhile: ${meanwhile.join('; ') || 'nothing'}`
  );
}
