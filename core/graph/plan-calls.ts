import type { NodeCatalogue } from '../node-type/definition.ts';
import type { RegionPlan } from '../run/region.ts';
import { configOf } from './config.ts';
import { defaultEachSettings } from './each.ts';
import type { PlannedNode, RunPlan } from './plan.ts';
import type { GraphStructure } from './structure.ts';

/**
 * A plan with its calls: a node that calls another workflow is the driver of a region with one part, whose nodes are those
 * of the workflow. Calls that are repeated for a list are planned with the part that they are executed in.
 *
 * @param timeoutMs for the attempts of these nodes, which do nothing themselves
 */
export function planCalls(
  plan: RunPlan,
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  timeoutMs: number,
): RunPlan {
  if (!mayCall(structure, catalogue)) return plan;
  return {
    nodes: plan.nodes.map((node): PlannedNode => {
      const graph = node.action === 'run' && node.region === undefined ? calledBy(node, structure, catalogue) : null;
      if (graph === null) return node;
      const region: RegionPlan = {
        nodes: [node.nodeId],
        each: {},
        settings: { ...defaultEachSettings, concurrency: 1 },
        timeoutMs,
        call: { graph },
      };
      return { ...node, pool: 'inline', timeoutMs: Math.max(timeoutMs, node.timeoutMs), region };
    }),
  };
}

function calledBy({ nodeId, nodeType }: PlannedNode, { nodes, configs }: GraphStructure, catalogue: NodeCatalogue) {
  const definition = catalogue.get(nodeType)!;
  return definition.calls?.(configOf(configs, definition, nodes.get(nodeId)!))?.graph ?? null;
}

const calling = new WeakMap<GraphStructure, boolean>();

function mayCall(structure: GraphStructure, catalogue: NodeCatalogue): boolean {
  let known = calling.get(structure);
  if (known === undefined) {
    known = [...structure.nodes.values()].some(({ type }) => catalogue.get(type)?.calls !== undefined);
    calling.set(structure, known);
  }
  return known;
}
