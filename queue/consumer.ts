import { setTimeout as sleep } from 'node:timers/promises';
import { WaitingChildrenError, type Worker } from 'bullmq';
import type { JobProcessor, NodeJobData, QueueBackend, RunJobData } from './backend.ts';
import { nodeQueueName, orchestratorQueueName, type NodePool } from './names.ts';

/** Takes jobs until it is stopped. */
export interface QueueConsumer {
  /** Takes no new jobs and waits for those under way. */
  stop(): Promise<void>;
  /** Takes no new jobs and waits for nothing. */
  abandon(): Promise<void>;
}

interface OrchestratorHandlers {
  readonly concurrency: number;
  /** Adds what may run now; called again each time all the node jobs added so far have ended. */
  orchestrate(runId: string): Promise<'wait' | 'done'>;
}

/** Takes orchestrator jobs. A job waits for its children between two calls of `orchestrate`. */
export function consumeRuns(backend: QueueBackend, handlers: OrchestratorHandlers): QueueConsumer {
  const activity = createActivity();
  const worker = backend.createWorker<RunJobData>(
    orchestratorQueueName,
    activity.during(async (job, token) => {
      const next = await handlers.orchestrate(job.data.runId);
      if (next === 'done') return;
      if (await job.moveToWaitingChildren(token ?? '')) throw new WaitingChildrenError();
    }),
    handlers,
  );
  return consumerOf([worker], activity);
}

interface NodeHandlers {
  readonly concurrency: number;
  /** @param waitedMs how long the job waited for a worker, beyond its delay; by the clocks of two machines */
  execute(job: NodeJobData, waitedMs: number): Promise<void>;
}

/** A consumer of BullMQ's fetches one job after another, which takes a round trip each; several fetch at once. */
const placesOfConsumer = 16;
/** Each has a connection of its own, and is woken and looks for stalled jobs by itself. */
const mostConsumers = 4;

/** Takes the node jobs of one pool. */
export function consumeNodes(backend: QueueBackend, pool: NodePool, handlers: NodeHandlers): QueueConsumer {
  const activity = createActivity();
  const count = Math.min(mostConsumers, Math.ceil(handlers.concurrency / placesOfConsumer));
  const workers = Array.from({ length: count }, (_, index) =>
    backend.createWorker<NodeJobData>(
      nodeQueueName(pool),
      activity.during((job) => {
        const due = job.timestamp + (job.opts.delay ?? 0);
        return handlers.execute(job.data, Math.max(0, (job.processedOn ?? due) - due));
      }),
      { concurrency: Math.floor((handlers.concurrency + index) / count) },
    ),
  );
  return consumerOf(workers, activity);
}

/** Whether jobs run. */
interface Activity {
  during<Data>(processor: JobProcessor<Data>): JobProcessor<Data>;
  /** How long none has been running, in milliseconds; 0 while one runs. */
  quietMs(): number;
}

function createActivity(): Activity {
  let running = 0;
  let endedAt = Number.NEGATIVE_INFINITY;
  return {
    during:
      (processor) =>
      async (...job) => {
        running += 1;
        try {
          await processor(...job);
        } finally {
          running -= 1;
          endedAt = performance.now();
        }
      },
    quietMs: () => (running > 0 ? 0 : performance.now() - endedAt),
  };
}

/** BullMQ tells the queue of the last jobs in this time, or cannot. */
const closeMs = 3_000;
const closeLookMs = 200;

function consumerOf(workers: readonly Worker[], activity: Activity): QueueConsumer {
  // A job that fails has been recorded in Postgres, or will be rescued; without a listener Node would end the process.
  for (const worker of workers) worker.on('failed', () => {});
  return {
    stop: async () => {
      const closed = Promise.allSettled(workers.map((worker) => worker.close())).then(() => true);
      const askedAt = performance.now();
      // While the queue is away BullMQ may wait for it, and for ever when it comes back in the middle of that. Nothing that
      // runs is lost by not waiting.
      while (!(await Promise.race([closed, sleep(closeLookMs, false)]))) {
        if (Math.min(activity.quietMs(), performance.now() - askedAt) > closeMs) return;
      }
    },
    abandon: async () => void (await Promise.all(workers.map((worker) => worker.close(true)))),
  };
}
