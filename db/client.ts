import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { dropSilentConnections } from '../net/silent-connections.ts';
import { giveConnectionsInTurns } from './connection-turns.ts';
import type { Database } from './schema.ts';

/** The database as Kysely knows it. */
export type Db = Kysely<Database>;

/** How a process connects. */
export interface DatabaseOptions {
  /** Connections kept open at most. */
  readonly poolSize: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /**
   * Plans each named statement once and for all. For workers: their statements
   * find rows by arrays of ids, and Postgres would plan those anew for every
   * length of the array, which takes longer than executing them. Default
   * false.
   */
  readonly plansOnce?: boolean;
  /** Statements may take whatever time they need, as a look through a whole table does. For migrations. Default false. */
  readonly isPatient?: boolean;
  /** Gives connections in turns to those in whose name work is done (actingFor). For servers. Default false. */
  readonly takesTurns?: boolean;
  /** How long somebody waits for a turn, in milliseconds. Default 5 s. */
  readonly turnPatienceMs?: number;
  /** Called with errors of idle connections, such as a restart of Postgres. */
  readonly onError: (error: Error) => void;
}

/** A statement that takes longer is a fault, not work: the longest normal one takes well under a second. */
const statementTimeoutMs = 15_000;
/** Postgres ends a statement itself; where not even that comes back, the other side has vanished without a word. */
const answerTimeoutMs = statementTimeoutMs + 1_000;
/** As long as a statement may take: who waits longer for a connection has a Postgres that is down, or a pool far too small. */
const connectTimeoutMs = statementTimeoutMs;

/**
 * A plan lives on when the table that it was made for, which held a few rows, has become large: those of foreign keys and
 * functions on every connection, and all of those that are made once. So no table is read whole where rows can be looked up.
 */
const noWholeReads = '-c enable_seqscan=off';
/** Nor in the order of an index, to be merged or to be kept for a comparison of each row with each. */
const plannedOnce = '-c plan_cache_mode=force_generic_plan -c enable_mergejoin=off -c enable_material=off';

/** A pool of connections and the query builder over it. */
export interface DatabaseHandle {
  readonly db: Db;
  readonly pool: pg.Pool;
  stop(): Promise<void>;
}

/**
 * Opens a pool on `url`. Nothing is connected until the first query; broken
 * connections are replaced by later queries.
 */
export function openDatabase(url: string, options: DatabaseOptions): DatabaseHandle {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize,
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    ...(options.isPatient === true ? {} : { statement_timeout: statementTimeoutMs, query_timeout: answerTimeoutMs }),
    idle_in_transaction_session_timeout: 10_000,
    lock_timeout: 10_000,
    keepAlive: true,
    options: options.plansOnce === true ? `${noWholeReads} ${plannedOnce}` : noWholeReads,
  });
  pool.on('error', options.onError);
  dropSilentConnections(pool);
  if (options.takesTurns === true) giveConnectionsInTurns(pool, options.poolSize, options.turnPatienceMs);
  // A connection that breaks while somebody holds it idle, as in a transaction, would end the process: pool.on('error')
  // does not hear of it. Whoever holds it gets the error from the next query.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  let stopped: Promise<void> | undefined;
  // Not db.destroy(): it ends the pool only where a query went through Kysely before.
  return { db, pool, stop: () => (stopped ??= pool.end()) };
}
