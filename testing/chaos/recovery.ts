import { groupBy } from './group-by.ts';
import type { HistoryRun } from './history.ts';
import type { Fault } from './nemesis.ts';

/** How long it took from the death of a worker until what it ran was running again. */
export interface Recoveries {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Those in which a service was away for part of the time: nobody could have taken over sooner. */
  readonly during: number;
}

/** Nobody is excused by a service that was away for less, as after a crash. */
const outageMs = 3_000;
/** And one that was away for longer needs a moment until everybody has found it again. */
const settleMs = 2_000;

/**
 * @param workers pid by worker session
 */
export function measureRecoveries(
  runs: Iterable<HistoryRun>,
  faults: readonly Fault[],
  workers: ReadonlyMap<string, number>,
): Recoveries {
  const deaths = groupBy(
    faults.filter((fault) => fault.pid !== null),
    (fault) => fault.pid!,
  );
  const outages = faults.filter(({ name, from, to }) => name === 'absence' && Number(to) - Number(from) > outageMs);
  const times: number[] = [];
  let during = 0;
  for (const run of runs) {
    for (const attempts of groupBy(run.events, (event) => event.nodeExecutionId).values()) {
      for (const lost of attempts.filter(({ status }) => status === 'RUNNING')) {
        const died = deaths.get(workers.get(lost.workerId ?? '') ?? -1)?.find(({ from }) => from >= lost.at);
        const next = attempts.find((event) => event.status === 'RUNNING' && event.attempt === lost.attempt! + 1);
        const handedOn = attempts.find((event) => event.status === 'QUEUED' && event.attempt === lost.attempt! + 1);
        // Only what the death itself cut off: a retry was on its way before it.
        if (died === undefined || next === undefined || handedOn === undefined || handedOn.at < died.from) continue;
        const isDisturbed = outages.some(
          (outage) => outage.from < next.at && (outage.to ?? next.at).getTime() + settleMs > died.from.getTime(),
        );
        if (isDisturbed) during += 1;
        else times.push(next.at.getTime() - died.from.getTime());
      }
    }
  }
  times.sort((left, right) => left - right);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { count: times.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: times.at(-1) ?? 0, during };
}
