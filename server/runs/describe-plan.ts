import type { PlanEntry } from '../../core/api/run-plan.ts';
import type { Forecast } from '../../core/graph/forecast.ts';
import { annotationTypes, isTurnedOff, type Graph, type GraphNode } from '../../core/graph/graph.ts';
import type { RunMode } from '../../core/run/status.ts';
import type { RunForecast } from './foretell.ts';
import { countMost, countRepeats } from '../../core/graph/repeats.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';
import type { PlannedRequest } from '../../engine/runs/plan-request.ts';

/** Says of each executable node of a graph what a run would do with it, and why. */
export function describePlan(
  graph: Graph,
  { plan, reusable, mode, structure }: PlannedRequest,
  forecast: RunForecast,
  catalogue: NodeCatalogue,
  /** US dollars for one execution, by node. */
  costs: ReadonlyMap<string, number>,
): PlanEntry[] {
  const planned = new Map(plan.nodes.map((node) => [node.nodeId, node]));
  const repeats = countRepeats(plan, structure, catalogue, (nodeId) => reusable.get(nodeId)?.outputs);
  const most = countMost(plan);
  return graph.nodes
    .filter((node) => !annotationTypes.has(node.type))
    .map((graphNode) => {
      const { id } = graphNode;
      const rest = { nodeId: id, forecast: null, cachedFrom: null, repeats: 0, repeatsAtMost: null, costUsd: 0 };
      const action = planned.get(id)?.action ?? 'skip';
      switch (action) {
        case 'skip':
          return { ...rest, action, reason: planned.has(id) ? notTaken : skipReason(graphNode, mode) };
        case 'reuse':
          return { ...rest, action, reason: reuseReason(reusable.has(id)) };
        case 'run': {
          const times = repeats.get(id) ?? 1;
          const repeatsAtMost = most.get(id) ?? null;
          const entry = describeRun(id, forecast, repeatsAtMost);
          const usd = entry.forecast === 'cached' ? 0 : costs.get(id);
          const costUsd = usd === undefined || times === 'unknown' ? null : usd * times;
          return { ...entry, repeats: times, repeatsAtMost, costUsd };
        }
      }
    });
}

function describeRun(
  nodeId: string,
  { nodes, runs }: RunForecast,
  most: number | null,
): Omit<PlanEntry, 'repeats' | 'repeatsAtMost' | 'costUsd'> {
  const forecast = nodes.get(nodeId)!;
  const run = runs.get(nodeId);
  return {
    nodeId,
    action: 'run',
    reason: most === null ? runReason(forecast) : `It is executed in each lap of its loop, at most ${most} times.`,
    forecast: forecast.kind,
    cachedFrom:
      forecast.kind !== 'cached'
        ? null
        : {
            madeAt: forecast.madeAt.toISOString(),
            run: run === undefined ? null : { id: run.runId, createdAt: run.createdAt.toISOString() },
          },
  };
}

const notTaken = 'Earlier outputs that are reused took another branch.';

function skipReason(node: GraphNode, mode: RunMode): string {
  if (isTurnedOff(node)) return 'It is turned off.';
  return mode === 'all'
    ? 'It needs a node that is turned off.'
    : `Outside the scope "${mode}", or after a node that is turned off.`;
}

function reuseReason(isThere: boolean): string {
  return isThere
    ? 'Its newest output still fits and is needed by the nodes that run.'
    : 'Its output is needed, but there is none that fits: run this node too.';
}

function runReason(forecast: Forecast): string {
  if (forecast.kind === 'cached') return 'From the cache: an earlier result with the same data and inputs stands in.';
  switch (forecast.because) {
    case 'inline':
      return 'It is executed; that takes no time.';
    case 'fresh':
      return 'It is executed; earlier results are not used.';
    case 'varies':
      return 'It is executed: the same data and inputs may give something else.';
    case 'new':
      return 'It is executed: no earlier result has the same data and inputs.';
    case 'branch':
      return 'It is executed where the run takes its branch; that shows then.';
    case 'error':
      return 'It is executed only where a node fails whose error it handles.';
    case 'inputs':
      return 'It is executed, unless its inputs, which are not known yet, turn out to be those of an earlier result.';
    case 'twin':
      return 'Another node of this run has the same data and inputs: it is executed once for both.';
    case 'unchecked':
      return 'It is executed, unless an earlier result with the same data and inputs stands in; that was not looked up.';
  }
}
