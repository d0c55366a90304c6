import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';

/*
 * A network that vanishes without a word takes many connections with it. The
 * first one that is asked finds out by its time limit. Each of the others in the
 * pool would cost whoever gets it the same time again, one after another.
 */

/** What is used of a client of node-postgres; its types leave the connection out. */
interface PostgresClient {
  readonly connection: { readonly stream: Duplex };
  query(...args: unknown[]): unknown;
}

interface Watched {
  readonly stream: Duplex;
  isIdle: boolean;
  /** When it said something last, by the monotonic clock. */
  heardAt: number;
}

/** What node-postgres says when a query's own time limit is over. */
const unanswered = 'Query read timeout';

/**
 * Closes a connection of `pool` (one of node-postgres) whose answer did not
 * come in time, whoever holds it, and with it all idle ones that have been
 * silent since it was asked. The pool replaces them when it needs some.
 */
export function dropSilentConnections(pool: EventEmitter): void {
  const all = new Map<PostgresClient, Watched>();

  function dropSilentSince(askedAt: number, asked: Watched): void {
    for (const watched of all.values()) {
      if (watched === asked || (watched.isIdle && watched.heardAt < askedAt)) {
        watched.stream.destroy(new Error('a connection to Postgres said nothing for too long'));
      }
    }
  }

  pool.on('connect', (client: PostgresClient) => {
    const { stream } = client.connection;
    const watched: Watched = { stream, isIdle: false, heardAt: performance.now() };
    all.set(client, watched);
    stream.on('data', () => {
      watched.heardAt = performance.now();
    });
    stream.once('close', () => all.delete(client));

    const ask = client.query.bind(client);
    client.query = (...args) => {
      const askedAt = performance.now();
      const hear = (error: unknown) => {
        if (error instanceof Error && error.message === unanswered) dropSilentSince(askedAt, watched);
      };
      const callback = args.at(-1);
      if (typeof callback === 'function') {
        const withHearing = (error: unknown, result: unknown) => {
          hear(error);
          callback(error, result);
        };
        return ask(...args.slice(0, -1), withHearing);
      }
      const answer = ask(...args);
      if (answer instanceof Promise) answer.catch(hear);
      return answer;
    };
  });
  pool.on('acquire', (client: PostgresClient) => setIdle(client, false));
  pool.on('release', (_error: unknown, client: PostgresClient) => setIdle(client, true));

  function setIdle(client: PostgresClient, isIdle: boolean): void {
    const watched = all.get(client);
    if (watched !== undefined) watched.isIdle = isIdle;
  }
}
