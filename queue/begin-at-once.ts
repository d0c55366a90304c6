import type { IQueueBackend } from 'bullmq';

/*
 * A consumer of BullMQ's fetches one job after another and begins none before the
 * queue is empty or all its places are taken; with 64 places and a round trip of
 * 200 ms the first of many would wait for thirteen seconds. It stops fetching,
 * and begins what it has, where it hears that a delayed job is due later. So it
 * hears that with every job. What it hears without one is what it waits by.
 *
 * It then begins one job with each that it fetches. Those that it is given for
 * jobs that ended meanwhile would wait in its memory, each behind all before, and
 * what comes first in the queue behind them. So on a slow network a job that ends
 * while the next one is being fetched is given none.
 */

/** Any moment to come. */
const later = Number.MAX_SAFE_INTEGER;
/** Round trips from here on are slow; below it, fetching with each end saves more than it costs. */
const slowTripMs = 20;

/** A job or nothing, its id, how long no job may be fetched, when the next one is due. */
type Fetched = Awaited<ReturnType<IQueueBackend['moveToActive']>>;

function withoutWaiting(fetched: Fetched): Fetched {
  const [job, id, rateLimitDelay] = fetched;
  return job ? [job, id, rateLimitDelay, later] : fetched;
}

/** The same backend, whose consumers begin a job as soon as they have it. */
export function beginAtOnce<Backend extends IQueueBackend>(backend: Backend): Backend {
  const moveToActive = backend.moveToActive.bind(backend);
  const moveToCompleted = backend.moveToCompleted.bind(backend);
  const moveToFailed = backend.moveToFailed.bind(backend);
  let fetching = 0;
  let tripMs = 0;
  const mayFetch = (fetchNext: boolean) => fetchNext && (fetching === 0 || tripMs < slowTripMs);
  const afterEnd = <Moved extends { result: void | Fetched }>(moved: Moved): Moved =>
    Array.isArray(moved.result) ? { ...moved, result: withoutWaiting(moved.result) } : moved;

  backend.moveToActive = async (...args) => {
    const askedAt = performance.now();
    fetching += 1;
    try {
      return withoutWaiting(await moveToActive(...args));
    } finally {
      fetching -= 1;
      tripMs = performance.now() - askedAt;
    }
  };
  backend.moveToCompleted = async (job, value, remove, token, fetchNext) =>
    afterEnd(await moveToCompleted(job, value, remove, token, mayFetch(fetchNext)));
  backend.moveToFailed = async (job, reason, remove, token, fetchNext, fields) =>
    afterEnd(await moveToFailed(job, reason, remove, token, mayFetch(fetchNext), fields));
  return backend;
}
