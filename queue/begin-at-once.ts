import type { IQueueBackend } from 'bullmq';

/*
 * A consumer of BullMQ's fetches one job after another and begins none before the
 * queue is empty or all its places are taken; with 64 places and a round trip of
 * 200 ms the first of many would wait for thirteen seconds. It stops fetching,
 * and begins what it has, where it hears that a delayed job is due later. So it
 * hears that with every job. What it hears without one is what it waits by.
 */

/** Any moment to come. */
const later = Number.MAX_SAFE_INTEGER;

/** The same backend, whose consumers begin a job as soon as they have it. */
export function beginAtOnce<Backend extends IQueueBackend>(backend: Backend): Backend {
  const moveToActive = backend.moveToActive.bind(backend);
  backend.moveToActive = async (...args) => {
    const [job, id, rateLimitDelay, delayUntil] = await moveToActive(...args);
    return job ? [job, id, rateLimitDelay, later] : [job, id, rateLimitDelay, delayUntil];
  };
  return backend;
}
