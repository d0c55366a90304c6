import { AppError } from '../errors/app-error.ts';
import type { NodeCatalogue } from '../node-type/definition.ts';
import type { NodeOutputs, OutputValue } from '../node-type/values.ts';
import type { RegionPlan } from '../run/region.ts';
import { configOf } from './config.ts';
import { chosenPlaces, countElements, type EachList } from './elements.ts';
import type { RunPlan } from './plan.ts';
import type { GraphStructure, ResolvedEdge } from './structure.ts';

/**
 * How often each node of a plan that goes through a list is executed, by node id. `unknown` where that shows when it runs,
 * or where the lists do not go together. Nodes that are executed once are missing.
 *
 * @param outputsOf what stands in for a node, as far as it is at hand
 */
export function countRepeats(
  { nodes }: RunPlan,
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  outputsOf: (nodeId: string) => NodeOutputs | null | undefined,
): ReadonlyMap<string, number | 'unknown'> {
  const repeats = new Map<string, number | 'unknown'>();
  for (const { region, action } of nodes) {
    if (action !== 'run' || region === undefined || !('nodes' in region) || region.call !== undefined) continue;
    const count = region.loop === undefined ? countOf(region) : 'unknown';
    for (const id of region.nodes) repeats.set(id, count);
  }
  return repeats;

  function countOf({ nodes: repeated, each, settings }: RegionPlan): number | 'unknown' {
    const lists: EachList[] = [];
    for (const edge of repeated.flatMap((id) => structure.incoming.get(id)!)) {
      if (!Object.hasOwn(each, edge.id)) continue;
      const list = valueAt(edge);
      if (list === undefined) return 'unknown';
      lists.push({ edge: edge.id, origin: each[edge.id]!, list });
    }
    try {
      const total = countElements(lists, settings.pairing);
      return chosenPlaces(total, settings.only)?.length ?? total;
    } catch (error) {
      if (error instanceof AppError) return 'unknown';
      throw error;
    }
  }

  function valueAt({ source, sourceHandle }: ResolvedEdge): OutputValue | undefined {
    const given = outputsOf(source);
    if (given !== null && given !== undefined)
      return Object.hasOwn(given, sourceHandle) ? given[sourceHandle] : undefined;
    const node = structure.nodes.get(source)!;
    const definition = catalogue.get(node.type)!;
    const ahead = definition.outputsAhead?.(configOf(structure.configs, definition, node))?.[sourceHandle];
    return ahead !== undefined && 'value' in ahead ? ahead.value : undefined;
  }
}

/** How often each node of a plan that is repeated in loops is executed at most, by node id; of one element, where it goes through a list. */
export function countMost({ nodes }: RunPlan): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const { region, action } of nodes) {
    if (action === 'run' && region !== undefined && 'nodes' in region) count(region);
  }
  return most;

  function count({ nodes: repeated, loop, inner = [] }: RegionPlan): void {
    if (loop !== undefined) for (const id of repeated) most.set(id, (most.get(id) ?? 1) * loop.most);
    for (const region of inner) count(region);
  }
}
