import { WaitingChildrenError, type Worker } from 'bullmq';
import type { NodeJobData, QueueBackend, RunJobData } from './backend.ts';
import { nodeQueueName, orchestratorQueueName, type NodePool } from './names.ts';

export interface QueueConsumer {
  /** Takes no new jobs and waits for those under way. */
  stop(): Promise<void>;
  /** Takes no new jobs and waits for nothing. */
  abandon(): Promise<void>;
}

export interface OrchestratorHandlers {
  readonly concurrency: number;
  /** Adds what may run now; called again each time all the node jobs added so far have ended. */
  orchestrate(runId: string): Promise<'wait' | 'done'>;
}

/** Takes orchestrator jobs. A job waits for its children between two calls of `orchestrate`. */
export function consumeRuns(backend: QueueBackend, handlers: OrchestratorHandlers): QueueConsumer {
  const worker = backend.createWorker<RunJobData>(
    orchestratorQueueName,
    async (job, token) => {
      const next = await handlers.orchestrate(job.data.runId);
      if (next === 'done') return;
      if (await job.moveToWaitingChildren(token ?? '')) throw new WaitingChildrenError();
    },
    handlers,
  );
  return consumerOf(worker);
}

export interface NodeHandlers {
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
  const count = Math.min(mostConsumers, Math.ceil(handlers.concurrency / placesOfConsumer));
  const workers = Array.from({ length: count }, (_, index) =>
    backend.createWorker<NodeJobData>(
      nodeQueueName(pool),
      (job) => {
        const due = job.timestamp + (job.opts.delay ?? 0);
        return handlers.execute(job.data, Math.max(0, (job.processedOn ?? due) - due));
      },
      { concurrency: Math.floor((handlers.concurrency + index) / count) },
    ),
  );
  return consumerOf(...workers);
}

function consumerOf(...workers: Worker[]): QueueConsumer {
  // A job that fails has been recorded in Postgres, or will be rescued; without a listener Node would end the process.
  for (const worker of workers) worker.on('failed', () => {});
  const all = async (end: (worker: Worker) => Promise<void>) => void (await Promise.all(workers.map(end)));
  return { stop: () => all((worker) => worker.close()), abandon: () => all((worker) => worker.close(true)) };
}
