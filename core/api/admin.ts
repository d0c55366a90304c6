import { z } from 'zod';
import { timestampSchema } from './common.ts';

/** A worker as an owner sees it, alive or gone. */
export const workerSchema = z
  .object({
    /** One session of a worker process; a process that lost its lease starts a new one. */
    id: z.uuid(),
    hostname: z.string(),
    pid: z.number().int(),
    version: z.string(),
    pools: z.array(z.string()),
    /** Attempts it takes at once. */
    concurrency: z.number().int(),
    draining: z.boolean(),
    /** Its heartbeat is fresh. */
    alive: z.boolean(),
    /** Attempts it runs now. */
    running: z.number().int(),
    /** Some of them, the longest first. */
    attempts: z.array(
      z.object({
        runId: z.uuid(),
        nodeId: z.string(),
        nodeType: z.string(),
        nodeLabel: z.string().nullable(),
        attempt: z.number().int(),
        startedAt: timestampSchema.nullable(),
      }),
    ),
    startedAt: timestampSchema,
    heartbeatAt: timestampSchema,
  })
  .meta({ id: 'Worker' });
export type WorkerInfo = z.infer<typeof workerSchema>;

/** A worker that was asked to take no more work. */
export const drainingWorkerSchema = z
  .object({ id: z.uuid(), draining: z.literal(true) })
  .meta({ id: 'DrainingWorker' });

/** Not paged: it holds every worker at once. */
export const workersSchema = z.object({ items: z.array(workerSchema) }).meta({ id: 'Workers' });

/** Node executions of one pool, counted over all accounts. */
export const poolWorkSchema = z
  .object({
    pool: z.enum(['inline', 'io', 'cpu']),
    /** Node executions that may be claimed or wait for a retry. */
    queued: z.number().int(),
    running: z.number().int(),
    /** Of the queued ones, those that wait for a retry. */
    delayed: z.number().int(),
    /** How long 95 % of the queued ones have waited at most, in milliseconds; null where none waits. */
    waitP95Ms: z.number().int().nullable(),
  })
  .meta({ id: 'PoolWork' });
export type PoolWork = z.infer<typeof poolWorkSchema>;

/** What waits and runs in the whole installation. */
export const queuesSchema = z
  .object({
    /** What Postgres knows: the truth. */
    pools: z.array(poolWorkSchema),
    /** Jobs by queue and state, as the queue sees them; null while it does not answer. */
    jobs: z.array(z.object({ queue: z.string(), counts: z.record(z.string(), z.number().int()) })).nullable(),
    /** Runs of all accounts that were started within the last hour. */
    lastHour: z.object({
      runs: z.number().int(),
      failedRuns: z.number().int(),
      /** Node executions of them that ended FAILED. */
      failedNodes: z.number().int(),
    }),
  })
  .meta({ id: 'Queues' });
