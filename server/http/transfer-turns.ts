import { RetryableError } from '../../core/errors/app-error.ts';
import { createFairPool, type FairPool } from '../../core/fair-pool.ts';

/** Files on their way in and out: each holds a connection, a descriptor and a place in the store. */
export interface TransferTurns {
  readonly uploads: FairPool;
  readonly downloads: FairPool;
}

/** A browser sends and asks for six files at once, one behind a newer proxy for a hundred; the rest waits a moment. */
const uploadPlaces = { places: 96, maxPerOwner: 12, maxWaitingPerOwner: 200 };
/** Below the connections that a store keeps for downloads. */
const downloadPlaces = { places: 192, maxPerOwner: 24, maxWaitingPerOwner: 1_000 };

/** Longer than the files before it usually take; then the client is told to come back. */
const patienceMs = 120_000;

/** Places for transfers of one server, in turns among users. */
export function createTransferTurns(): TransferTurns {
  return {
    uploads: createFairPool({ ...uploadPlaces, busy: () => busy('uploads') }),
    downloads: createFairPool({ ...downloadPlaces, busy: () => busy('downloads') }),
  };
}

/** How long a request waits for its turn. */
export function patience(): AbortSignal {
  return AbortSignal.timeout(patienceMs);
}

function busy(what: string): RetryableError {
  return new RetryableError('RATE_LIMITED', `Too many of your ${what} are under way. Try again in a moment.`, {
    retryAfterMs: 2_000,
  });
}
