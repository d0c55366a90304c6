import type pg from 'pg';
import type { NodeOutputs } from '../core/node-type/values.ts';
import type { Claim, ClaimRequest, Continuation } from '../db/nodes/advance.ts';
import { listDependencyOutputs } from '../db/nodes/list-dependency-outputs.ts';
import { mayBeOneItem, persist } from '../engine/outage.ts';
import type { NodePool } from '../queue/names.ts';
import type { Advance } from './advance.ts';
import type { AttemptDependencies } from './attempt-dependencies.ts';
import { executeAttempt, type FinishedExecution } from './execute-attempt.ts';
import { createGroupCommit } from '../engine/group-commit.ts';
import { isSuspect, type LoneAttempts } from './lone-attempts.ts';
import { createRecentMap } from './recent-map.ts';

/*
 * What one node job does. It claims its attempt and executes it; where that
 * makes a dependent of the same pool ready, the worker goes on with it instead
 * of sending it through the queue, and completes what is pure and tiny on the
 * spot. Each of these attempts is claimed, leased, stopped and recorded like any
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
  /** Waits for what is under way, with a job or without one. */
  idle(): Promise<void>;
}

export interface TripDependencies extends AttemptDependencies {
  readonly pool: pg.Pool;
  readonly advance: Advance;
  /** Null where every attempt runs in this process. */
  readonly lone: LoneAttempts | null;
  /** How many nodes a worker goes on with before the next one goes through the queue. */
  readonly maxHops: number;
  /** False while the worker drains: it goes on with nothing. */
  readonly isTakingWork: () => boolean;
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
}

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

  function continuesIn({ pool: slot, startedAt, hops }: Trip): NodePool | null {
    const isShort = hops < dependencies.maxHops && performance.now() - startedAt < maxTripMs;
    return isShort && dependencies.isTakingWork() ? slot : null;
  }

  /** Attempts under way. */
  const underWay = new Set<Promise<void>>();

  /** Resolves when the place is free: the attempt is over, and all that followed, or it waits and needs none. */
  function execute(claim: Claim, trip: Trip): Promise<void> {
    return new Promise((resolve, reject) => {
      let isBeside = false;
      const leave = () => {
        isBeside = true;
        resolve();
      };
      const whole: Promise<void> = work(claim, () => (isBeside ? { ...trip, pool: null } : trip), leave)
        .then(resolve, (error: unknown) => {
          if (isBeside) dependencies.logger.warn({ err: error }, 'an attempt could not be recorded');
          else reject(error);
        })
        .finally(() => underWay.delete(whole));
      // Whether it holds its place or not: who drains waits for both.
      underWay.add(whole);
    });
  }

  async function work(claim: Claim, tripNow: () => Trip, leave: () => void): Promise<void> {
    dependencies.at?.('after-claim');
    if (dependencies.lone !== null && isSuspect(claim)) {
      leave();
      return dependencies.lone.run(claim);
    }
    const finished = await executeAttempt(dependencies, claim, { continuesIn: () => continuesIn(tripNow()), leave });
    if (finished === null) return;
    remember(claim, finished.outputs);
    const trip = tripNow();
    const next = { ...trip, hops: trip.hops + 1 };
    await Promise.all([
      finished.released.then(() => dependencies.at?.('after-enqueue')),
      ...finished.continuations.map(async (continuation) =>
        execute(await claimOf(continuation, claim, finished), next),
      ),
    ]);
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
    execute: (claim) => execute(claim, { pool: null, startedAt: performance.now(), hops: 0 }),
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    take: async (request, slot) => {
      dependencies.at?.('before-claim', request);
      const claim = await advance.claim(request);
      if (claim !== null) await execute(claim, { pool: slot, startedAt: performance.now(), hops: 0 });
    },
  };
}
