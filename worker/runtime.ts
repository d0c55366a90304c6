import type { ChildProcess } from 'node:child_process';
import type pg from 'pg';
import type { StoredLists } from '../assets/stored-lists.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import type { Logger, ModelTools, NodeExecutor } from '../core/node-type/executor.ts';
import type { WebTools } from '../core/node-type/web-tools.ts';
import type { MediaTools } from '../core/node-type/media-tools.ts';
import type { NodeOutputs } from '../core/node-type/values.ts';
import type { RegionLimits } from '../core/limits.ts';
import type { RetryPolicy } from '../core/run/retry.ts';
import type { Scrubber } from '../core/scrub.ts';
import { isRunFinished } from '../core/run/status.ts';
import { beginRuns, type BegunRuns } from '../db/runs/begin.ts';
import { restRuns } from '../db/runs/rest.ts';
import { adoptAttempt } from '../db/nodes/adopt.ts';
import type { NewWorkerSession } from '../db/workers/insert.ts';
import type { ChangedRun, ReadyNode, Claim } from '../db/run-sql/result.ts';
import { noticesOf } from '../engine/announce.ts';
import { mayBeOneItem } from '../engine/outage.ts';
import { inRunSpan } from '../engine/tracing.ts';
import { createRunTurns } from '../engine/runs/run-turns.ts';
import { createSweeper } from '../engine/duties/sweep/sweeper.ts';
import type { SweeperTimes } from '../engine/duties/sweep/sweep-context.ts';
import { jobsOf } from '../engine/jobs-of.ts';
import type { QueueBackend } from '../queue/backend.ts';
import { consumeNodes, consumeRuns, type QueueConsumer } from '../queue/consumer.ts';
import type { NodePool } from '../queue/names.ts';
import type { NoticeChannel } from '../queue/notice-channel.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import { handedBackUnrecorded } from './hand-back.ts';
import { createWaitEnds } from '../engine/waits/wait-ends.ts';
import { createAttemptJobs } from './attempt-jobs.ts';
import { createCarefulModels } from './careful-models.ts';
import { createJobLooks } from './job-looks.ts';
import { createAdvance } from './advance.ts';
import type { AttemptObserver } from './attempt-observer.ts';
import { createAttemptRegistry } from './attempts.ts';
import type { DisposableAssets } from './attempt-dependencies.ts';
import { createForgottenAttempts } from './forgotten-attempts.ts';
import { createGroupCommit } from '../engine/group-commit.ts';
import { createLiveOutput } from './live-output.ts';
import { createLoneAttempts } from './lone-attempts.ts';
import { createNoticeBuffer } from './notice-buffer.ts';
import { persistClaims } from './persist-claims.ts';
import { createPlaces } from './places.ts';
import { createRecentMap } from './recent-map.ts';
import { createRecorder } from './record.ts';
import { createRegionDriver } from './drive-region.ts';
import { createRegionFacts } from './region-facts.ts';
import { createRegions } from './regions.ts';
import { createSharedOutputs } from './shared-outputs.ts';
import { createRetrySpacing } from './retry-spacing.ts';
import { createWorkerSession, type LeaseTimes } from './session.ts';
import { createTrips } from './trip.ts';
import { createWorkflowVersions } from './versions.ts';
import type { WorkPointListener } from './work-points.ts';

/*
 * A worker: takes orchestrator jobs and node jobs, and keeps its lease.
 *
 *   orchestrator job   begin the run, add its ready nodes as child jobs, wait for them
 *   node job           claim, execute, record; add what became ready, go on with one of it, return
 *
 * Claims, begins and records of all jobs of the process are committed in groups.
 */

/** What a worker works with; opened and closed by the program. */
export interface WorkerDependencies {
  readonly pool: pg.Pool;
  readonly backend: QueueBackend;
  readonly queue: RunQueue;
  readonly notices: NoticeChannel;
  readonly catalogue: NodeCatalogue;
  readonly executors: readonly NodeExecutor[];
  readonly mediaOf: (userId: string) => MediaTools;
  readonly modelsOf: (userId: string) => ModelTools;
  readonly webOf: (userId: string) => WebTools;
  /** Folders that nodes may save to, by name. Default: none. */
  readonly saveFolders?: ReadonlyMap<string, string>;
  readonly scrubber: Scrubber;
  readonly openAssets: (attempt: { userId: string; id: string; attempt: number }) => DisposableAssets;
  readonly lists: StoredLists;
  /** Whether the files of earlier outputs are still there. */
  readonly isUsable: (userId: string, outputs: NodeOutputs) => Promise<boolean>;
  readonly logger: Logger & { child(fields: object): Logger };
  readonly newId: () => string;
  readonly random: () => number;
  readonly at?: WorkPointListener | undefined;
  readonly observer?: AttemptObserver | undefined;
  /** A process for one attempt, see lone-attempts.ts; without it those run here like any other. */
  readonly fork?: (() => ChildProcess) | undefined;
  /** Hears how many attempts the sweeper took from dead workers. */
  readonly onRescue?: ((attempts: number) => void) | undefined;
}

/** How much a worker takes, and how long it waits. */
export interface WorkerOptions {
  /** Jobs at once, by pool; a pool that is missing is not served. */
  readonly concurrency: Partial<Record<NodePool, number>>;
  /** Orchestrator jobs at once; 0 serves none. */
  readonly orchestrators: number;
  readonly lease: LeaseTimes;
  readonly sweeper: SweeperTimes;
  readonly retryPolicy: RetryPolicy;
  readonly maxOutputBytes: number;
  /** Nodes that a worker goes on with, one after another, before the next goes through the queue; 0: every node does. */
  readonly maxHops: number;
  /** How long an attempt that was kept waits for a place before it is given to the queue, in milliseconds. Default 2,000. */
  readonly keptLateMs?: number;
  /** How long `stop` lets attempts finish before it hands them back, in milliseconds. */
  readonly drainMs: number;
  /** Unfinished runs of one user that may be under way at once. */
  readonly maxActiveRunsPerUser: number;
  readonly regions: RegionLimits;
  readonly describe: Omit<NewWorkerSession, 'id' | 'pools' | 'concurrency' | 'isolates'>;
}

/** A worker without its program: what takes jobs, executes and records. */
export interface WorkerRuntime {
  start(): Promise<void>;
  /**
   * Takes an attempt over from another session and executes it, instead of `start`.
   *
   * @param onTakenOver called when it is this session's, and awaited
   */
  executeAlone(claim: Claim, from: string, onTakenOver: () => Promise<void>): Promise<void>;
  /** Hands back at once what runs here, or is about to. */
  handBackAll(): void;
  /** Takes no new work, lets what runs finish or hands it back, and ends the session. */
  stop(): Promise<void>;
  /** Attempts that this process executes now. */
  activeAttempts(): number;
  /** Whether it takes no more work, because it stops or an operator asked for it. */
  isDraining(): boolean;
}

/** A job that waited longer found all workers busy, whatever their clocks say; for a while they still are. */
const longWaitMs = 250;
const busyMs = 1_000;
/** Between the end of a run and the wake of its orchestrator job lie milliseconds; where the queue is full, some seconds. */
const rememberedRuns = { keepMs: 60_000, maxWeight: 20_000 };
/** Nodes that one run may begin with where it is begun; the others get jobs. */
const rootsAtOnce = 16;
const lanes = 2;
const maxBatch = 200;

interface NewBegin {
  readonly runId: string;
  /** Nodes that may be executed here. */
  readonly keeps: number;
}

type Begun = Pick<BegunRuns, 'ready' | 'claims'>;

/** Takes nothing before `start`. */
export function createWorkerRuntime(dependencies: WorkerDependencies, options: WorkerOptions): WorkerRuntime {
  const { pool, backend, queue, logger } = dependencies;
  const attempts = createAttemptRegistry();
  const notices = createNoticeBuffer(dependencies.notices);
  const live = createLiveOutput(notices);
  /** Runs that this process saw end: their orchestrator job has nothing to ask when it wakes. */
  const finishedRuns = createRecentMap<true>({ ...rememberedRuns, now: () => performance.now() });
  const turns = createRunTurns({ pool, queue, logger, maxActivePerUser: options.maxActiveRunsPerUser });
  const announce = (runs: readonly ChangedRun[]) => {
    for (const run of runs) if (run.partOf === null && isRunFinished(run.status)) finishedRuns.set(run.runId, true);
    turns.ended(runs);
    regions.ended(runs);
    notices.send(noticesOf(runs));
  };
  const pools = Object.keys(options.concurrency) as NodePool[];
  const session = createWorkerSession({
    pool,
    attempts,
    logger,
    times: options.lease,
    newId: dependencies.newId,
    describe: {
      ...options.describe,
      pools,
      isolates: dependencies.fork !== undefined,
      concurrency: Object.values(options.concurrency).reduce((sum, count) => sum + count, 0),
    },
    onDrainRequested: () => {
      logger.info({}, 'an operator asks this worker to drain; it stays, and takes no more work');
      void drain();
    },
  });
  const sweeper = createSweeper({
    pool,
    queue,
    notices: dependencies.notices,
    logger,
    times: options.sweeper,
    maxActiveRunsPerUser: options.maxActiveRunsPerUser,
    onRescue: dependencies.onRescue,
  });
  const advance = createAdvance({
    pool,
    workerId: session.id,
    logger,
    release,
    onChanged: announce,
    onRepeat: () => forgotten.suspect(),
    isActive: attempts.has,
    at: dependencies.at,
  });
  const recorder = createRecorder({ pool, advance, logger, release, onChanged: announce, onSuspended: letRest });
  const forgotten = createForgottenAttempts({ pool, workerId: session.id, attempts, recorder, logger });
  let isDraining = false;
  /** Whether this process takes work from the queue. */
  let isTaking = false;
  const shared = createSharedOutputs(dependencies);
  const lone =
    dependencies.fork === undefined
      ? null
      : createLoneAttempts({
          pool,
          workerId: session.id,
          attempts,
          recorder,
          logger,
          fork: dependencies.fork,
        });
  const versions = createWorkflowVersions(pool, dependencies.catalogue);
  const { maxElements } = options.regions;
  const regionFacts = createRegionFacts({
    pool,
    catalogue: dependencies.catalogue,
    versions,
    maxElements,
    lists: dependencies.lists,
  });
  const regions = createRegions({
    pool,
    facts: regionFacts,
    logger,
    newId: dependencies.newId,
    onChanged: announce,
    release,
    keeper: {
      workerId: session.id,
      isActive: attempts.has,
      onUnanswered: () => forgotten.suspect(),
      hold: (wanted) => {
        // A process for one attempt makes parts as well, and is not there to execute them.
        if (!isTaking || isDraining) return null;
        const held = (name: NodePool) => (mayKeep(name) ? (places.get(name)?.holdFirst(wanted[name]) ?? 0) : 0);
        return { io: held('io'), cpu: held('cpu') };
      },
      unhold: (held) => {
        for (const name of pools) places.get(name)?.unhold(held[name]);
      },
      execute: (claims) => {
        executeClaimed(claims).catch((error: unknown) => {
          logger.warn({ err: error }, 'an attempt could not be recorded');
        });
      },
    },
  });
  const executors = new Map(dependencies.executors.map((executor) => [executor.type, executor]));
  const jobLooks = createJobLooks(
    {
      ...dependencies,
      executors,
      ends: createWaitEnds({ ...dependencies, onChanged: turns.ended }),
      notices,
    },
    options.sweeper.intervalMs,
  );
  const hasJobs = dependencies.executors.some(({ job }) => job !== undefined);
  const places = new Map(
    pools.map((name) => [
      name,
      createPlaces({ count: options.concurrency[name] ?? 0, now: () => performance.now(), lateMs: options.keptLateMs }),
    ]),
  );
  /** When a job of the pool was last taken that had waited long. */
  const waitedAt = new Map<NodePool, number>();
  /** Another worker could begin what this one keeps sooner only where it has nothing to do. */
  function mayKeep(name: NodePool): boolean {
    if (options.maxHops === 0) return false;
    return !session.hasOthers(name) || performance.now() - (waitedAt.get(name) ?? Number.NEGATIVE_INFINITY) < busyMs;
  }
  const trips = createTrips({
    ...dependencies,
    shared,
    regionFacts,
    regionDriver: createRegionDriver({
      pool,
      catalogue: dependencies.catalogue,
      facts: regionFacts,
      regions,
      limits: options.regions,
      lists: dependencies.lists,
      maxOutputBytes: options.maxOutputBytes,
      newId: dependencies.newId,
      onChanged: announce,
    }),
    lone,
    executors,
    carefulModelsOf: (claim) => createCarefulModels(dependencies, dependencies.modelsOf(claim.userId), claim),
    jobsOf: (claim, prepared, signal) => createAttemptJobs(dependencies, claim, prepared, signal),
    versions,
    attempts,
    advance,
    recorder,
    live,
    retryPolicy: options.retryPolicy,
    spaceRetry: createRetrySpacing({ now: () => performance.now(), random: dependencies.random }),
    maxOutputBytes: options.maxOutputBytes,
    maxHops: options.maxHops,
    isTakingWork: () => !isDraining,
    places,
    mayKeep,
  });

  const begins = createGroupCommit<NewBegin, Begun>({
    lanes,
    maxBatch,
    keyOf: ({ runId }) => runId,
    isApart: mayBeOneItem,
    commit: async (items) => {
      const runIds = items.map(({ runId }) => runId);
      const keeping = { workerId: session.id(), pool: 'io' as const, keeps: items.map(({ keeps }) => keeps) };
      const begun: BegunRuns = await persistClaims(
        pool,
        { runIds, workerId: keeping.workerId, isActive: attempts.has, onUnanswered: () => forgotten.suspect() },
        () => beginRuns(pool, runIds, isDraining ? undefined : keeping),
      );
      announce(begun.runs);
      return runIds.map((id, at) => ({
        ready: begun.ready.filter(({ runId }) => runId === id),
        // Two jobs of one run may be in one batch, as of one that counted as stalled: one of them has what was claimed.
        claims: runIds.indexOf(id) === at ? begun.claims.filter(({ runId }) => runId === id) : [],
      }));
    },
  });

  /** Begins a run. Its job waits for jobs of nodes, and for none where all that may run is executed here. */
  async function orchestrate(runId: string): Promise<'wait' | 'done'> {
    if (mayKeep('io')) await places.get('io')?.mayBegin();
    const room = mayKeep('io') ? (places.get('io')?.holdFirst(rootsAtOnce) ?? 0) : 0;
    const { ready, claims } = await begins.submit({ runId, keeps: room }).finally(() => places.get('io')?.unhold(room));
    await Promise.all([release(ready), executeClaimed(claims)]);
    const isKept = claims.length > 0 && claims.every(({ pool: name }) => name !== 'inline');
    return isKept && ready.length === 0 ? 'done' : 'wait';
  }

  /** Executes first nodes that were claimed as they became ready; resolves when those that are done on the spot are over. */
  async function executeClaimed(claims: readonly Claim[]): Promise<void> {
    const onTheSpot: Promise<void>[] = [];
    for (const claim of claims) {
      if (claim.pool === 'inline') {
        onTheSpot.push(trips.execute(claim));
        continue;
      }
      trips.keep(claim, claim.pool).catch((error: unknown) => {
        logger.warn({ err: error }, 'an attempt could not be recorded');
      });
    }
    await Promise.all(onTheSpot);
  }

  /** A run in which nothing but waits is left holds no turn of its user: the next one may begin. */
  async function letRest(runIds: readonly string[]): Promise<void> {
    try {
      for (const runId of await restRuns(pool, runIds)) turns.waits(runId);
    } catch (error) {
      logger.warn({ err: error }, 'could not let runs rest; the sweeper will');
    }
  }

  /** Adds jobs for ready nodes; those that are pure and tiny are completed on the spot instead. */
  async function release(ready: readonly (ReadyNode & { readonly delayMs?: number })[]): Promise<void> {
    const inline = ready.filter((node) => node.pool === 'inline' && !node.delayMs);
    const jobs = ready.filter((node) => !inline.includes(node));
    const adding = jobs.length === 0 ? null : queue.addNodes(jobsOf(jobs));
    const results = await Promise.allSettled([adding, ...inline.map((node) => trips.take(node, null))]);
    for (const result of results) {
      if (result.status === 'fulfilled') continue;
      logger.warn({ err: result.reason }, 'could not release ready nodes; the sweeper will');
    }
  }

  const consumers: QueueConsumer[] = [];
  let unsubscribe: (() => void) | undefined;
  let isHandingBack = false;
  let drained: Promise<void> | undefined;

  /** Takes no new work; resolves when what runs is finished or, after the drain time, handed back. */
  function drain(): Promise<void> {
    isDraining = true;
    for (const each of places.values()) each.keepNothing();
    return (drained ??= (async () => {
      await session.setDraining();
      shared.drain();
      lone?.drain();
      const stopped = Promise.all([
        ...consumers.map((consumer) => consumer.stop()),
        // What is claimed by then is in hand.
        regions.answered().then(() => trips.idle()),
      ]);
      const timer = setTimeout(() => {
        attempts.stopAll('drain');
        lone?.stop();
      }, options.drainMs);
      await stopped;
      clearTimeout(timer);
    })());
  }

  function listen(): void {
    unsubscribe = dependencies.notices.subscribe(
      (notice) => {
        if (notice.kind === 'stop') attempts.stopRun(notice.runId);
        if (notice.kind === 'watched') live.tellAgain(notice.runId);
      },
      // Runs that were cancelled meanwhile the next heartbeat finds.
      () => live.tellAgain(),
    );
  }

  return {
    executeAlone: async (claim, from, onTakenOver) => {
      await session.start();
      listen();
      if (isHandingBack || !(await adoptAttempt(pool, claim, { from, to: session.id() }))) return;
      try {
        await onTakenOver();
        const executed = trips.execute(claim);
        if (isHandingBack) attempts.stopAll('drain');
        await executed;
      } catch (error) {
        // This session ends with it, and an attempt without one would count as one more death.
        logger.warn({ err: error }, 'how an attempt that ran alone ended could not be recorded');
        await recorder.requeue(handedBackUnrecorded(claim));
      }
    },
    handBackAll: () => {
      isHandingBack = true;
      attempts.stopAll('drain');
    },
    activeAttempts: () => attempts.list().length,
    isDraining: () => isDraining,
    start: async () => {
      await session.start();
      listen();
      isTaking = true;
      if (options.orchestrators > 0) {
        consumers.push(
          consumeRuns(backend, {
            concurrency: options.orchestrators,
            orchestrate: async (runId) =>
              finishedRuns.get(runId) === true ? 'done' : inRunSpan(runId, 'orchestrate', () => orchestrate(runId)),
          }),
        );
      }
      for (const name of pools) {
        consumers.push(
          consumeNodes(backend, name, {
            concurrency: options.concurrency[name] ?? 0,
            execute: (job, waitedMs) => {
              dependencies.observer?.waited(job.id, waitedMs);
              if (waitedMs > longWaitMs) waitedAt.set(name, performance.now());
              return trips.take(job, name);
            },
          }),
        );
      }
      sweeper.start();
      if (hasJobs) jobLooks.start();
      forgotten.start();
    },
    stop: async () => {
      await Promise.all([drain(), sweeper.stop(), jobLooks.stop()]);
      unsubscribe?.();
      await recorder.idle();
      await regions.idle();
      await forgotten.stop();
      await turns.idle();
      await notices.flush();
      await session.stop();
    },
  };
}
