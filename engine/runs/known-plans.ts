import { LRUCache } from 'lru-cache';
import type { KnownGraph } from './known-workflows.ts';
import { planScope, type PlanningRules, type RunScope, type ScopePlan } from './plan-request.ts';

/** Plans of graphs by their content and scope: checking and planning take the longest of a start. */
export interface KnownPlans {
  /** Throws FindingsError, see `planScope`. What is refused is not remembered. */
  planOf(workflow: KnownGraph, scope: RunScope): ScopePlan;
}

/** A plan takes about as much room as the graph that it is of, parsed: 16 MB at most. */
const maxCharacters = 4_000_000;
/** What a plan takes however small its graph is, so that there are a thousand at most. */
const charactersOfAny = 4_000;

/** Plans that are kept for as long as there is room, the longest unused one given up first. */
export function createKnownPlans(rules: PlanningRules): KnownPlans {
  const known = new LRUCache<string, { readonly planned: ScopePlan; readonly characters: number }>({
    maxSize: maxCharacters,
    sizeCalculation: ({ characters }) => characters,
  });
  return {
    planOf: (workflow, scope) => {
      const asked = JSON.stringify([scope.mode, scope.nodeIds]);
      const key = `${workflow.workflowId} ${workflow.contentHash} ${asked}`;
      const found = known.get(key);
      if (found !== undefined) return found.planned;
      const planned = planScope(rules, workflow.data, scope);
      known.set(key, { planned, characters: charactersOfAny + workflow.characters + asked.length });
      return planned;
    },
  };
}
