import type { Queue } from 'bullmq';
import type { NodeJobData, QueueBackend, RunJobData } from './backend.ts';
import { nodePools, nodeQueueName, orchestratorQueueName, type NodePool } from './names.ts';

/** An attempt that may be claimed. */
export interface NodeJob extends NodeJobData {
  readonly pool: NodePool;
  /** Milliseconds before it is offered. Default 0. */
  readonly delayMs?: number;
  /** Before all that waits: it has waited enough. Default false. */
  readonly isFirst?: boolean;
  /** It has no orchestrator job to be a child of: it belongs to a part of a run. Default false. */
  readonly isAlone?: boolean;
}

interface QueueCounts {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

/**
 * Wakes workers. Everything added here is a hint about rows in Postgres:
 * adding twice is harmless (the job id is the attempt), and a lost job is added
 * again by the sweeper.
 */
export interface RunQueue {
  /** Adds an orchestrator job per run, unless the run has one. */
  addRuns(runIds: readonly string[]): Promise<void>;
  /**
   * Adds node jobs as children of their runs' orchestrator jobs, but for those that stand alone. A run whose
   * orchestrator job is gone gets a new one, which then adds the run's ready
   * nodes itself. What is to be offered later is not ready yet, and stands alone then.
   */
  addNodes(jobs: readonly NodeJob[]): Promise<void>;
  /**
   * The same for attempts that are due and that nobody has claimed, although
   * there may be a job. One that still waits for its time is offered now; one
   * that was taken gets another beside it. The times of a delay and, on Postgres,
   * of a lock are by the clock of a worker, and that clock may be wrong.
   */
  addOverdueNodes(jobs: readonly NodeJob[]): Promise<void>;
  counts(): Promise<QueueCounts[]>;
  /** False after the queue lost everything (Redis was flushed or replaced) and until `markGeneration`. */
  hasGeneration(): Promise<boolean>;
  markGeneration(): Promise<void>;
  ping(): Promise<void>;
  stop(): Promise<void>;
  /** BullMQ's own queues, for boards that show them. */
  readonly inner: readonly Queue[];
}

/** On Postgres larger bulk adds hold their locks too long. */
const chunkSize = 500;

/** Jobs that are looked at together: a few round trips for each connection there is. */
const askedAtOnce = 50;

/** Longer than a claim takes: a job that was taken and is not claimed by then has lost its worker. */
const repeatMs = 15_000;

const jobOptions = { removeOnComplete: true, removeOnFail: true, stackTraceLimit: 1, sizeLimit: 2_048 } as const;

/** Each attempt is a job of its own: BullMQ ignores an id that it has seen and still holds. */
function jobIdOf(nodeExecutionId: string, attempt: number): string {
  return `${nodeExecutionId}-${attempt}`;
}

/** Opens the queues at once; `stop` closes them. */
export function createRunQueue(backend: QueueBackend): RunQueue {
  const runs = backend.createQueue<RunJobData>(orchestratorQueueName);
  const nodes = new Map(nodePools.map((pool) => [pool, backend.createQueue<NodeJobData>(nodeQueueName(pool))]));
  const queues: Queue[] = [runs, ...nodes.values()];

  async function addRuns(runIds: readonly string[]): Promise<void> {
    for (const chunk of chunksOf([...new Set(runIds)].toSorted())) {
      await runs.addBulk(
        chunk.map((runId) => ({ name: 'run', data: { runId }, opts: { ...jobOptions, jobId: runId } })),
      );
    }
  }

  async function addNodes(jobs: readonly NodeJob[]): Promise<void> {
    const orphans = new Set<string>();
    const later: NodeJob[] = [];
    for (const pool of nodePools) {
      const ofPool = jobs.filter((job) => job.pool === pool);
      // Sorted ids keep concurrent bulk adds on Postgres from deadlocking.
      const sorted = ofPool.toSorted((left, right) => (left.id < right.id ? -1 : 1));
      for (const chunk of chunksOf(sorted)) {
        const added = await nodes.get(pool)!.addBulk(
          chunk.map(({ id, runId, attempt, delayMs, isFirst, isAlone = false }) => ({
            name: 'node',
            data: { id, runId, attempt },
            opts: {
              ...jobOptions,
              jobId: jobIdOf(id, attempt),
              delay: delayMs ?? 0,
              lifo: isFirst ?? false,
              ...(!isAlone && {
                parent: { id: runId, queue: runs.qualifiedName },
                ignoreDependencyOnFailure: true,
              }),
            },
          })),
        );
        for (const [index, job] of added.entries()) {
          // Where the parent is missing BullMQ adds nothing, throws nothing, and gives a negative number for an id.
          const orphan = chunk[index]!;
          if (job.id === jobIdOf(orphan.id, orphan.attempt)) continue;
          if (orphan.delayMs) later.push({ ...orphan, isAlone: true });
          else orphans.add(orphan.runId);
        }
      }
    }
    if (orphans.size > 0) await addRuns([...orphans]);
    if (later.length > 0) await addNodes(later);
  }

  async function addOverdueNodes(jobs: readonly NodeJob[]): Promise<void> {
    // Their runs stand still for them: they wait behind nothing that came after.
    await addNodes(jobs.map((job) => ({ ...job, isFirst: true })));
    // On a slow network one after another would take many times as long as all that a sweep does else.
    for (const chunk of chunksOf(jobs, askedAtOnce)) await Promise.all(chunk.map(offerAgain));
  }

  async function offerAgain({ id, runId, attempt, pool }: NodeJob): Promise<void> {
    const queue = nodes.get(pool)!;
    const job = await queue.getJob(jobIdOf(id, attempt));
    if (job === undefined) return;
    if (await job.isDelayed()) {
      // It may become due, and be taken, in between.
      await job.promote().catch(() => {});
    } else if (await job.isActive()) {
      const round = Math.floor(Date.now() / repeatMs);
      const opts = { ...jobOptions, jobId: `${jobIdOf(id, attempt)}-${round}`, lifo: true };
      await queue.add('node', { id, runId, attempt }, opts);
    }
  }

  return {
    addRuns,
    addNodes,
    addOverdueNodes,
    counts: () =>
      Promise.all(
        queues.map(async (queue) => {
          const counts = await queue.getJobCounts('waiting', 'active', 'delayed');
          const { waiting = 0, active = 0, delayed = 0 } = counts;
          return { queue: queue.name, waiting, active, delayed };
        }),
      ),
    hasGeneration: async () => backend.generation === null || (await backend.generation.isMarked()),
    markGeneration: async () => backend.generation?.mark(),
    ping: () => backend.ping(),
    inner: queues,
    stop: async () => {
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
}

function* chunksOf<Item>(items: readonly Item[], size = chunkSize): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
