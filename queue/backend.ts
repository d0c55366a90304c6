import { createRedisBackend, withBackend, type Queue, type Worker } from 'bullmq';
import pg from 'pg';
import { dropSilentConnections } from '../net/silent-connections.ts';
import { beginAtOnce } from './begin-at-once.ts';
import { consumerLooksEvery, createLastingPostgresBackend } from './lasting-postgres-backend.ts';
import {
  createPostgresNotices,
  createRedisNotices,
  type NoticeChannel,
  type NoticeChannelOptions,
} from './notice-channel.ts';
import { connectToRedis, reconnectMs, type RedisPatience, type RedisPlace } from './redis-connection.ts';
import { redisStorage } from './redis-storage.ts';
import { takeRedisTokens, type BucketLimit } from './token-bucket.ts';
import { runInPostgresQueueSchema } from './postgres-schema.ts';

/** Where the queue lives. Names differ, behavior does not. */
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
/** All that a job carries: which attempt may be claimed. */
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
  /** Opens the channel of notices that goes with this backend; it is started and stopped by the caller. */
  openNotices(onError: (error: Error) => void, options?: NoticeChannelOptions): NoticeChannel;
  /** Tells a queue that lost everything from one with nothing in it; null where it cannot be lost without Postgres. */
  readonly generation: QueueGeneration | null;
  /** Takes tokens of buckets that all processes share; null where this place is no good for that, and Postgres is asked. */
  readonly takeTokens: TakeTokens | null;
  /** How safe jobs are where they are kept. */
  readonly storage: QueueStorage;
  stop(): Promise<void>;
}

/** A mark that is lost together with the jobs. */
export interface QueueGeneration {
  isMarked(): Promise<boolean>;
  mark(): Promise<void>;
}

interface QueueStorage {
  /** What may be dropped when memory is full, by Redis's name for it; null: nothing. Waits for the connection. */
  evictionPolicy(): Promise<string | null>;
  /** Whether jobs are on disk as they come, so that a restart of that place keeps them. Waits for the connection. */
  isKeptOnDisk(): Promise<boolean>;
}

/** Takes up to `wanted` tokens of the bucket with this key. Throws where the place of the buckets is away. */
export type TakeTokens = (bucket: {
  readonly key: string;
  readonly limit: BucketLimit;
  readonly wanted: number;
}) => Promise<{ granted: number; waitMs: number }>;

/** Does a job; resolves where the job is done. What it throws makes the job fail, and the sweeper repairs. */
export type JobProcessor<Data> = (job: BullJob<Data>, token: string | undefined, signal?: AbortSignal) => Promise<void>;
type BullJob<Data> = Parameters<
  Exclude<ConstructorParameters<typeof Worker<Data>>[1], string | URL | null | undefined>
>[0];

interface ConsumerOptions {
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
  const generationKey = `${location.prefix}:generation`;
  const { Queue, Worker } = withBackend(createAttentiveRedisBackend);
  return {
    location,
    openNotices: (onNoticeError, options) =>
      createRedisNotices(
        {
          name: `${location.prefix}:notices`,
          sender: producer,
          openReceiver: () => connect({ maxRetriesPerRequest: null, socketTimeout: consumerSilenceMs }),
        },
        onNoticeError,
        options,
      ),
    generation: {
      isMarked: async () => (await producer.exists(generationKey)) === 1,
      mark: async () => void (await producer.set(generationKey, '1')),
    },
    takeTokens: (bucket) => takeRedisTokens(producer, { ...bucket, key: `${location.prefix}:rate:${bucket.key}` }),
    storage: redisStorage(producer),
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
    openNotices: (onNoticeError, options) => createPostgresNotices(location.url, onNoticeError, options),
    generation: null,
    takeTokens: null,
    storage: { evictionPolicy: async () => null, isKeptOnDisk: async () => true },
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
    stop: () => (stopped ??= pool.end()),
  };
}
