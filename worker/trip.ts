import type pg from 'pg';
import type { NodeOutputs } from '../core/node-type/values.ts';
import type { ClaimRequest, Continuation } from '../db/nodes/advance.ts';
import type { Claim, ClaimedAttempt } from '../db/run-sql/result.ts';
import { listDependencyOutputs } from '../db/nodes/list-dependency-outputs.ts';
import { mayBeOneItem, persist } from '../engine/outage.ts';
import type { NodePool } from '../queue/names.ts';
import type { Advance } from './advance.ts';
import type { AttemptDependencies } from './attempt-dependencies.ts';
import { AttemptStopped } from './attempts.ts';
import { executeAttempt, type FinishedExecution } from './execute-attempt.ts';
import { createGroupCommit } from '../engine/group-commit.ts';
import { isSuspect, type LoneAttempts } from './lone-attempts.ts';
import type { Places } from './places.ts';
import { createRecentMap } from './recent-map.ts';

/*
 * What one node job does. It claims its attempt and executes it; where that
 * makes a dependent of the same pool ready, the worker goes on with it instead
 * of sending it through the queue, and completes what is pure and tiny on the
 * spot. It keeps further ones for places of its own where nobody else could
 * begin them sooner. Each of these attempts is claimed, leased, stopped and recorded like any
 * other. Everything else that became ready gets a job of its own, added before
 * this one returns, so that their common parent cannot wake early.
 *
 * A trip is bounded: after that the next node goes through the queue, where
 * others may be first.
 */
export interface Trips {
  /**
   * Resolves when the attempt is over, and all that the worker went on with, or when it waits for another attempt.
   *
   * @param pool the pool whose slot the job holds; null where it holds none, as for nodes that are completed on the spot
   */
  take(request: ClaimRequest, pool: NodePool | null): Promise<void>;
  /** Executes an attempt that is this session's already, and nothing after it but what is done on the spot. */
  execute(claim: Claim): Promise<void>;
  /** Executes an attempt that is this session's already in a place of its own, and what follows; without a place soon it goes to the queue. */
  keep(claim: Claim, pool: NodePool): Promise<void>;
  /** Waits for what is under way, with a job or without one. */
  idle(): Promise<void>;
}

interface TripDependencies extends AttemptDependencies {
  readonly pool: pg.Pool;
  readonly advance: Advance;
  /** Null where every attempt runs in this process. */
  readonly lone: LoneAttempts | null;
  /** How many nodes a worker goes on with before the next one goes through the queue. */
  readonly maxHops: number;
  /** False while the worker drains: it goes on with nothing. */
  readonly isTakingWork: () => boolean;
  /** The places of each pool that this process serves. */
  readonly places: ReadonlyMap<NodePool, Places>;
  /** Whether no other worker could begin a node of the pool sooner than this one. */
  readonly mayKeep: (pool: NodePool) => boolean;
}

/** A run that only waits its turn waits at most this much longer than without trips. */
const maxTripMs = 500;
/** Outputs are kept for joins of the same run; one that comes later reads them again. */
const recentMs = 60_000;
/** About 8 MB; an output that is a hundredth of it is read again instead. */
const maxRecentCharacters = 4_000_000;
/** What an entry takes beside its output: its key, objects and places in maps. */
const entryCharacters = 200;
const lanes = 2;
const maxBatch = 200;
/** As long as a claim waits for Postgres. */
const persistMs = 20_000;

interface Trip {
  readonly pool: NodePool | null;
  readonly startedAt: number;
  readonly hops: number;
  /** Left when nothing of the trip is executed any more; what was kept has places of its own. Null where it needs none. */
  readonly place: SharedPlace | null;
}

/** A place that several attempts of one trip have after one another. */
interface SharedPlace {
  enter(): void;
  exit(): void;
}

/** Room for attempts that are kept. */
interface Room {
  readonly count: number;
  giveBack(): void;
}

function sharedPlace(leave: () => void): SharedPlace {
  let inside = 0;
  return {
    enter: () => {
      inside += 1;
    },
    exit: () => {
      inside -= 1;
      if (inside === 0) leave();
    },
  };
}

/** One for all of a process: what its trips read is gathered, and what they made is kept for a moment. */
export function createTrips(dependencies: TripDependencies): Trips {
  const { pool, advance } = dependencies;

  const reads = createGroupCommit<string, Readonly<Record<string, NodeOutputs | null>>>({
    lanes,
    maxBatch,
    keyOf: (id) => id,
    isApart: mayBeOneItem,
    commit: async (ids) => {
      const outputs = await persist(() => listDependencyOutputs(pool, ids), { forMs: persistMs });
      return ids.map((id) => outputs.get(id) ?? {});
    },
  });

  /** Outputs of this process by run and node: a join often finds all that it needs here. */
  const recent = createRecentMap<NodeOutputs>({
    keepMs: recentMs,
    maxWeight: maxRecentCharacters,
    now: () => performance.now(),
  });

  function remember({ runId, nodeId }: Claim, outputs: NodeOutputs): void {
    const characters = JSON.stringify(outputs).length;
    if (characters > maxRecentCharacters / 100) return;
    recent.set(`${runId} ${nodeId}`, outputs, characters + entryCharacters);
  }

  /** By node id; null where one of them was made elsewhere, or long ago. */
  function recallAll(runId: string, nodeIds: readonly string[]): Readonly<Record<string, NodeOutputs>> | null {
    const found: [string, NodeOutputs][] = [];
    for (const nodeId of nodeIds) {
      const outputs = recent.get(`${runId} ${nodeId}`);
      if (outputs === undefined) return null;
      found.push([nodeId, outputs]);
    }
    return Object.fromEntries(found);
  }

  /** The pool to go on in; null where the trip ends here. */
  function poolNow({ pool: slot, startedAt, hops }: Trip): NodePool | null {
    const isShort = hops < dependencies.maxHops && performance.now() - startedAt < maxTripMs;
    return isShort && dependencies.isTakingWork() ? slot : null;
  }

  /** Room for up to `wanted` attempts beside the one that the worker goes on with. */
  function holdRoom(slot: NodePool, wanted: number): Room | null {
    const places = dependencies.places.get(slot);
    if (wanted < 1 || places === undefined || !dependencies.mayKeep(slot)) return null;
    const count = places.hold(wanted);
    return { count, giveBack: () => places.unhold(count) };
  }

  /** Attempts under way. */
  const underWay = new Set<Promise<void>>();

  /** Resolves when the attempt is over, and all that followed, or when it waits and needs no place for that. */
  function execute(claiming: Claim | Promise<Claim>, trip: Trip, stop?: AbortController): Promise<void> {
    trip.place?.enter();
    let isInside = true;
    const exit = () => {
      if (isInside) trip.place?.exit();
      isInside = false;
    };
    return new Promise((resolve, reject) => {
      let isBeside = false;
      const leave = () => {
        isBeside = true;
        exit();
        resolve();
      };
      const tripNow = () => (isBeside ? { ...trip, pool: null, place: null } : trip);
      const whole: Promise<void> = (async () => work(await claiming, { tripNow, leave, exit, stop }))()
        .then(resolve, (error: unknown) => {
          if (isBeside) dependencies.logger.warn({ err: error }, 'an attempt could not be recorded');
          else reject(error);
        })
        .finally(() => {
          exit();
          underWay.delete(whole);
        });
      // Whether it holds its place or not: who drains waits for both.
      underWay.add(whole);
    });
  }

  async function work(
    claim: Claim,
    {
      tripNow,
      leave,
      exit,
      stop,
    }: { tripNow: () => Trip; leave: () => void; exit: () => void; stop?: AbortController | undefined },
  ): Promise<void> {
    dependencies.at?.('after-claim');
    if (dependencies.lone !== null && isSuspect(claim)) {
      leave();
      return dependencies.lone.run(claim, stop);
    }
    let room: Room | null = null;
    const goesOn = (dependents: number) => {
      const continuesIn = poolNow(tripNow());
      room = continuesIn === null ? null : holdRoom(continuesIn, dependents - 1);
      return { continuesIn, keeps: 1 + (room?.count ?? 0) };
    };
    const worked = (ms: number) => {
      const { pool: slot } = tripNow();
      if (slot !== null) dependencies.places.get(slot)?.worked(ms);
    };
    const finished = await executeAttempt(dependencies, claim, { goesOn, leave, stop, worked }).finally(() =>
      room?.giveBack(),
    );
    if (finished === null) return;
    remember(claim, finished.outputs);
    const trip = tripNow();
    const next = { ...trip, hops: trip.hops + 1 };
    let isGoneOn = false;
    const following = finished.continuations.map((continuation) => {
      const isKept = continuation.pool !== 'inline' && isGoneOn;
      isGoneOn ||= continuation.pool !== 'inline';
      const claiming = claimOf(continuation, claim, finished);
      return isKept && trip.pool !== null
        ? keep(continuation, claiming, { ...next, pool: trip.pool })
        : execute(claiming, next);
    });
    exit();
    await Promise.all([finished.released.then(() => dependencies.at?.('after-enqueue')), ...following]);
  }

  /** Executes an attempt in a place of its own as soon as there is one; else it goes to the queue. */
  async function keep(
    { id, runId, nodeId, attempt }: ClaimedAttempt,
    claiming: Promise<Claim>,
    trip: Trip & { readonly pool: NodePool },
  ): Promise<void> {
    const since = performance.now();
    const stop = dependencies.attempts.add({ id, runId, nodeId, attempt, startedAt: Date.now() });
    if (stop === null) {
      dependencies.logger.info({ runId, nodeExecutionId: id, attempt }, 'dropped an attempt that was in hand already');
      claiming.catch(() => {});
      return;
    }
    try {
      const entering = dependencies.places.get(trip.pool)!.enterKept();
      const claim = await claiming.catch(async (error: unknown) => {
        // Nobody else would leave the place that it comes to all the same.
        (await entering)?.();
        throw error;
      });
      const leavePlace = await entering;
      dependencies.observer?.waited(id, performance.now() - since);
      if (leavePlace === null) stop.abort(new AttemptStopped('drain'));
      await execute(claim, { ...trip, place: leavePlace === null ? null : sharedPlace(leavePlace) }, stop);
    } finally {
      dependencies.attempts.remove(id, attempt);
    }
  }

  async function claimOf(
    { after: _after, dependencies: sources, ...attempt }: Continuation,
    before: Claim,
    finished: FinishedExecution,
  ): Promise<Claim> {
    const { workflowId, workflowVersionId, userId, useCache } = before;
    const isAlone = sources.every((nodeId) => nodeId === before.nodeId);
    const dependencyOutputs = isAlone
      ? { [before.nodeId]: finished.outputs }
      : (recallAll(attempt.runId, sources) ?? (await reads.submit(attempt.id)));
    return { ...attempt, workflowId, workflowVersionId, userId, useCache, dependencyOutputs };
  }

  return {
    execute: (claim) => execute(claim, { pool: null, startedAt: performance.now(), hops: 0, place: null }),
    keep: (claim, pool) => {
      const trip = { pool, startedAt: performance.now(), hops: 0, place: null };
      // Who drains waits for it from now on, and not only once it has its place.
      const kept = keep(claim, Promise.resolve(claim), trip).finally(() => underWay.delete(waiting));
      const waiting = kept.catch(() => {});
      underWay.add(waiting);
      return kept;
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    take: async (request, slot) => {
      const leavePlace = slot === null ? undefined : await dependencies.places.get(slot)?.enterJob();
      const place = leavePlace === undefined ? null : sharedPlace(leavePlace);
      place?.enter();
      let executed: Promise<void> | undefined;
      try {
        dependencies.at?.('before-claim', request);
        const claim = await advance.claim(request);
        if (claim !== null) executed = execute(claim, { pool: slot, startedAt: performance.now(), hops: 0, place });
      } finally {
        place?.exit();
      }
      await executed;
    },
  };
}
