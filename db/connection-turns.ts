import type pg from 'pg';
import { RetryableError } from '../core/errors/app-error.ts';
import { createFairPool, type Turn } from '../core/fair-pool.ts';
import { whoAsks, type Asker } from './acting-for.ts';

/** A user's requests that wait for a connection; the rate of requests keeps people far below. */
const maxWaitingPerOwner = 1_000;
/**
 * Whoever waits longer has many before it, all of them one's own. Refused by then, each of those that do come to their turn
 * still answers in time; served after a wait as long as callers have patience for, none would.
 */
const longestPatienceMs = 5_000;

/** Of a pool: what users have together, and what one of them has at most. The rest is for the installation's own work. */
export function connectionPlaces(poolSize: number): { readonly places: number; readonly maxPerOwner: number } {
  const places = Math.max(1, poolSize - Math.max(1, Math.floor(poolSize / 5)));
  return { places, maxPerOwner: Math.max(1, places - Math.max(1, Math.floor(places / 4))) };
}

type Connected = (error: Error | undefined, client?: pg.PoolClient, release?: pg.PoolClient['release']) => void;

/**
 * Gives the connections of `pool` in turns to those in whose name work is done
 * (actingFor). Work in nobody's name takes connections as it comes.
 *
 * Whoever has a connection gets another one without waiting for a turn: two that
 * have one and want two would wait for each other. Those come out of the rest.
 */
export function giveConnectionsInTurns(pool: pg.Pool, poolSize: number, patienceMs = longestPatienceMs): void {
  const patience = () => AbortSignal.timeout(patienceMs);
  const turns = createFairPool({ ...connectionPlaces(poolSize), maxWaitingPerOwner, busy });
  const connect = pool.connect.bind(pool) as (connected?: Connected) => Promise<pg.PoolClient> | undefined;

  async function take(asker: Asker): Promise<pg.PoolClient> {
    const leave = asker.held > 0 ? () => {} : await turns.enter(turnOf(asker, patience));
    asker.hasBegun = true;
    const client = await connect()!.catch((error: unknown) => {
      leave();
      throw error;
    });
    asker.held += 1;
    // The pool sets another one each time.
    const release = client.release.bind(client);
    client.release = (error) => {
      asker.held -= 1;
      leave();
      release(error);
    };
    return client;
  }

  pool.connect = ((connected?: Connected) => {
    const asker = whoAsks();
    if (asker === undefined) return connect(connected);
    const taken = take(asker);
    if (connected === undefined) return taken;
    taken.then(
      (client) => connected(undefined, client, client.release),
      (error: Error) => connected(error, undefined, () => {}),
    );
    return undefined;
  }) as pg.Pool['connect'];
}

function turnOf({ owner, signal, hasBegun }: Asker, patience: () => AbortSignal): Turn {
  return hasBegun || signal === undefined ? { owner, patience } : { owner, patience, signal };
}

function busy(): RetryableError {
  return new RetryableError(
    'RATE_LIMITED',
    'Too many of your requests read or write at the same time. Wait for some of them to end, then try again.',
    { retryAfterMs: 2_000 },
  );
}
