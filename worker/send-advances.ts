import type pg from 'pg';
import { advanceRegions, type AdvancedRegions, type PartTemplate, type RegionAdvance } from '../db/regions/advance.ts';
import type { Claim } from '../db/run-sql/result.ts';
import type { NodePool } from '../queue/names.ts';
import { persistClaims } from './persist-claims.ts';

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
  const request = {
    runIds: advances.flatMap(({ parts }) => parts.map(({ id }) => id)),
    workerId: keeping?.workerId ?? null,
    isActive: (id: string) => keeper.isActive(id),
    onUnanswered: () => keeper.onUnanswered(),
  };
  try {
    return await persistClaims(pool, request, () => advanceRegions(pool, advances, [...templates.values()], keeping));
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
