import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { calledGraph } from '../core/graph/calls.ts';
import { structureOf, type GraphStructure } from '../core/graph/structure.ts';
import type { NodeCatalogue } from '../core/node-type/definition.ts';
import { persist } from '../engine/outage.ts';
import { findWorkflowVersion } from '../db/workflows/find-version.ts';

/** Frozen graphs never change, so each is read and indexed once while it is in use. */
export interface WorkflowVersions {
  /**
   * Null when the workflow was deleted meanwhile.
   *
   * @param called a workflow that it calls, by the name that its graph has in there. Default: the graph itself
   */
  load(id: string, called?: string): Promise<GraphStructure | null>;
}

/** Nodes of all cached graphs together: about 100 MB at 2 KB a node. */
const maxCachedNodes = 50_000;
/** As long as a claim waits for Postgres. */
const persistMs = 20_000;

/** Remembers the structures of frozen graphs, by how many nodes they have in all. */
export function createWorkflowVersions(pool: pg.Pool, catalogue: NodeCatalogue): WorkflowVersions {
  const cache = new LRUCache<string, GraphStructure>({
    maxSize: maxCachedNodes,
    sizeCalculation: (structure) => structure.nodes.size + 1,
  });
  const loading = new Map<string, Promise<GraphStructure | null>>();

  async function read(id: string, called: string | undefined): Promise<GraphStructure | null> {
    // An outage of Postgres is no fault of the node, and must not cost it one of its tries.
    const whole = await persist(() => findWorkflowVersion(pool, id), { forMs: persistMs });
    const graph = whole === null || called === undefined ? whole : calledGraph(whole, called);
    if (graph === null) return null;
    const structure = structureOf(graph, catalogue);
    cache.set(keyOf(id, called), structure);
    return structure;
  }

  return {
    load: async (id, called) => {
      const key = keyOf(id, called);
      const cached = cache.get(key);
      if (cached !== undefined) return cached;
      const pending = loading.get(key) ?? read(id, called).finally(() => loading.delete(key));
      loading.set(key, pending);
      return pending;
    },
  };
}

function keyOf(id: string, called: string | undefined): string {
  return called === undefined ? id : `${id} ${called}`;
}
