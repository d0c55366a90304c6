import { createRedisBackend, withBackend, type Queue, type Worker } from 'bullmq';
import pg from 'pg';
import { dropSilentConnections } from '../net/silent-connections.ts';
import { beginAtOnce } from './begin-at-once.ts';
import { consumerLooksEvery, createLastingPostgresBackend } from './lasting-postgres-backend.ts';
import {
  connectToRedis,
  reconnectMs,
  type RedisConnection,
  type RedisPatience,
  type RedisPlace,
} from './redis-connection.ts';
import { runInPostgresQueueSchema } from './postgres-schema.ts';

/** Where the queue lives. Names differ, behaviour does not. */
export type QueueLocation =
  | (RedisPlace & {
      readonly kind: 'redis';
      /** Keys start with it; in a Redis Cluster it needs a hash tag, such as `{heddle}`. */
      readonly prefix: string;
    })
  | {
      readonly kind: 'postgres';
      /** The connection string of the database whose schema `bullmq` holds the jobs. */
      readonly url: string;
    };

/** What a job's handler gets: ids only, the facts are in Postgres. */
export interface RunJobData {
  readonly runId: string;
}
export interface NodeJobData {
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
}

/** One process's connections to the queue, shared by its producers and consumers. */
export interface QueueBackend {
  readonly location: QueueLocation;
  /** Fails fast while the backend is down: nobody waits for a hint. */
  createQueue<Data>(name: string): Queue<Data>;
  /** Waits for the backend to come back. */
  createWorker<Data>(name: string, processor: JobProcessor<Data>, options: ConsumerOptions): Worker<Data>;
  /** Answers when the backend does; throws otherwise. */
  ping(): Promise<void>;
  /** A connection for publish and set, on Redis only. */
  readonly redis: RedisConnection | null;
  /** A connection of its own, for subscribing, on Redis only. The caller closes it. */
  duplicateRedis(): RedisConnection;
  stop(): Promise<void>;
}

export type JobProcessor<Data> = (job: BullJob<Data>, token: string | undefined, signal?: AbortSignal) => Promise<void>;
type BullJob<Data> = Parameters<
  Exclude<ConstructorParameters<typeof Worker<Data>>[1], string | URL | null | undefined>
>[0];

export interface ConsumerOptions {
  /** Jobs that run at once in this process. */
  readonly concurrency: number;
}

/*
 * BullMQ's own rescue offers a job again whose worker died before it claimed
 * the attempt; what was claimed Postgres rescues, under a new job. Both
 * together bound such a death: lock and check make eleven seconds. A job that is
 * delivered twice finds its attempt taken, so a lock that ran out too early does
 * no harm, and no number of stalls may fail a job.
 */
const lockMs = 8_000;
const stalledCheckMs = 3_000;
const unlimitedStalls = 1_000_000;

/** Where nothing comes back for so long the other side has vanished without a word: connect anew. */
const producerSilenceMs = 5_000;
/** So many seconds a consumer on Redis waits for a job in one command; BullMQ's ten would hide for as long that nobody answers. */
const consumerWaits = 3;
/** Beyond it. */
const consumerSilenceMs = 5_000;

/** Connections of one process on the Postgres backend: six consumers that listen, with 64 io places, and who asks. */
const postgresPoolSize = 16;

/** Opens the connections of one process. `onError` gets every connection error; they heal by themselves. */
export function openQueueBackend(location: QueueLocation, onError: (error: Error) => void): QueueBackend {
  return location.kind === 'redis' ? openRedis(location, onError) : openPostgres(location, onError);
}

const workerOptions = (options: ConsumerOptions) => ({
  concurrency: options.concurrency,
  lockDuration: lockMs,
  stalledInterval: stalledCheckMs,
  maxStalledCount: unlimitedStalls,
  runRetryDelay: reconnectMs,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
});

/** BullMQ's Redis backend, which also waits no longer where a delayed job is due later. */
const createAttentiveRedisBackend: typeof createRedisBackend = (...args) =>
  Object.defineProperty(beginAtOnce(createRedisBackend(...args)), 'maximumBlockTimeout', { value: consumerWaits });

function openRedis(location: Extract<QueueLocation, { kind: 'redis' }>, onError: (error: Error) => void): QueueBackend {
  const connect = (patience: RedisPatience) => {
    const redis = connectToRedis(location, patience);
    redis.on('error', onError);
    return redis;
  };
  // One retry: an API request must not hang while Redis is away.
  const producer = connect({
    maxRetriesPerRequest: 1,
    commandTimeout: producerSilenceMs,
    socketTimeout: producerSilenceMs,
  });
  // BullMQ's consumers insist on waiting for ever.
  const consumer = connect({ maxRetriesPerRequest: null, socketTimeout: consumerSilenceMs });
  const { Queue, Worker } = withBackend(createAttentiveRedisBackend);
  return {
    location,
    redis: producer,
    createQueue: <Data>(name: string) => {
      const queue = new Queue<Data>(name, {
        connection: producer,
        prefix: location.prefix,
        skipWaitingForReady: true,
        skipVersionCheck: true,
      });
      queue.on('error', onError);
      return queue as unknown as Queue<Data>;
    },
    createWorker: <Data>(name: string, processor: JobProcessor<Data>, options: ConsumerOptions) => {
      const worker = new Worker<Data, void>(name, processor, {
        connection: consumer,
        prefix: location.prefix,
        drainDelay: consumerWaits,
        ...workerOptions(options),
      });
      worker.on('error', onError);
      return worker as unknown as Worker<Data>;
    },
    ping: async () => {
      await producer.ping();
    },
    duplicateRedis: () => connect({ maxRetriesPerRequest: null, socketTimeout: consumerSilenceMs }),
    stop: async () => {
      producer.disconnect();
      consumer.disconnect();
    },
  };
}

function openPostgres(
  location: Extract<QueueLocation, { kind: 'postgres' }>,
  onError: (error: Error) => void,
): QueueBackend {
  const pool = new pg.Pool(
    runInPostgresQueueSchema({
      connectionString: location.url,
      max: postgresPoolSize,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      // No query of BullMQ's waits for anything; consumers wait for notifications.
      query_timeout: producerSilenceMs,
      application_name: 'heddle-queue',
    }),
  );
  pool.on('error', onError);
  dropSilentConnections(pool);
  // Those that BullMQ holds to itself break without the pool; an error that nobody hears would end the process.
  pool.on('connect', (client) => client.on('error', onError));
  const { Queue, Worker } = withBackend(createLastingPostgresBackend);
  let stopped: Promise<void> | undefined;
  return {
    location,
    redis: null,
    createQueue: <Data>(name: string) => {
      const queue = new Queue<Data>(name, { connection: pool });
      queue.on('error', onError);
      return queue as unknown as Queue<Data>;
    },
    createWorker: <Data>(name: string, processor: JobProcessor<Data>, options: ConsumerOptions) => {
      const worker = new Worker<Data, void>(name, processor, {
        connection: pool,
        drainDelay: consumerLooksEvery,
        ...workerOptions(options),
      });
      worker.on('error', onError);
      return worker as unknown as Worker<Data>;
    },
    ping: async () => {
      await pool.query('select 1');
    },
    duplicateRedis: () => {
      throw new Error('The queue runs on Postgres; there is no Redis connection.');
    },
    stop: () => (stopped ??= pool.end()),
  };
}
