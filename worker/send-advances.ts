import type pg from 'pg';
import { advanceRegions, type AdvancedRegions, type PartTemplate, type RegionAdvance } from '../db/regions/advance.ts';
import type { Claim } from '../db/run-sql/result.ts';
import { findBegun } from '../db/runs/find-begun.ts';
import { persist } from '../engine/outage.ts';
import type { NodePool } from '../queue/names.ts';

/** What a worker executes itself of the parts that it makes. */
export interface PartKeeper {
  /** The session that claims. */
  workerId(): string;
  /** Holds room for up to so many first nodes of each pool, and gives for how many. Null: nothing is claimed. */
  hold(wanted: Readonly<Record<NodePool, number>>): Readonly<Record<NodePool, number>> | null;
  unhold(held: Readonly<Record<NodePool, number>>): void;
  /** Whether this process executes an attempt of the node execution. */
  isActive(id: string): boolean;
  /** A statement that may have claimed was not answered. */
  onUnanswered(): void;
  /** Executes what was claimed. Not awaited. */
  execute(claims: readonly Claim[]): void;
}

/** As long as a claim waits for Postgres. */
const persistMs = 20_000;

/**
 * Makes parts, counts those that have ended, and claims first nodes that are executed here. Asks for 20 s; a claim that was not
 * answered is found where the same is sent again.
 */
export async function sendAdvances(
  pool: pg.Pool,
  keeper: PartKeeper,
  advances: readonly RegionAdvance[],
  templates: ReadonlyMap<number, PartTemplate>,
): Promise<AdvancedRegions> {
  const held = keeper.hold(firstNodesOf(advances, templates));
  const keeping = held === null ? undefined : { workerId: keeper.workerId(), keeps: held };
  let isRepeat = false;
  try {
    return await persist(
      async () => {
        const answer = await advanceRegions(pool, advances, [...templates.values()], keeping);
        if (!isRepeat || keeping === undefined) return answer;
        // It may have been committed before, unheard.
        const partIds = advances.flatMap(({ parts }) => parts.map(({ id }) => id));
        const heard = new Set(answer.claims.map(({ id }) => id));
        const isKnown = (id: string) => heard.has(id) || keeper.isActive(id);
        const found = await findBegun(pool, partIds, keeping.workerId, isKnown);
        return { ...answer, claims: [...answer.claims, ...found] };
      },
      {
        forMs: persistMs,
        onRetry: () => {
          isRepeat = true;
          keeper.onUnanswered();
        },
      },
    );
  } catch (error) {
    keeper.onUnanswered();
    throw error;
  } finally {
    if (held !== null) keeper.unhold(held);
  }
}

/** How many nodes of each pool may be executed at once where all of the parts are made. */
function firstNodesOf(
  advances: readonly RegionAdvance[],
  templates: ReadonlyMap<number, PartTemplate>,
): Record<NodePool, number> {
  const count: Record<NodePool, number> = { io: 0, cpu: 0 };
  for (const { template } of advances.flatMap(({ parts }) => parts)) {
    for (const { pool, action, pendingDependencies } of templates.get(template)!.nodes)
      if (pool !== 'inline' && action === 'run' && pendingDependencies === 0) count[pool] += 1;
  }
  return count;
}
