import type { NodeCatalogue } from '../node-type/definition.ts';
import { errorsOutputId } from '../node-type/handles.ts';
import { countOpenSources, errorOutputId, judgeEdges, type RunEdge } from '../run/edges.ts';
import type { LoopPlan, RegionPlan } from '../run/region.ts';
import { planCalls } from './plan-calls.ts';
import type { PlannedNode, RunPlan } from './plan.ts';
import { findRegions, type Region } from './regions.ts';
import type { GraphStructure } from './structure.ts';

/**
 * A planned run with its regions, after `planBranches`. The first executed node of a region (its driver) waits for
 * everything from outside that any node of the region needs; it makes the parts and waits for them. The others come after
 * it, and have nothing left to do but to collect what the parts put out. A plan without regions is returned as it is.
 *
 * @param timeoutMs for these attempts, which do not execute their node
 */
export function planRegions(
  plan: RunPlan,
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  timeoutMs: number,
): RunPlan {
  const executed = new Set(plan.nodes.filter(({ action }) => action === 'run').map(({ nodeId }) => nodeId));
  const regions = findRegions(structure, catalogue, executed);
  const repeated = regions.map((region) => regionPlanOf(region, structure, timeoutMs));
  return planCalls(planRepeated(plan, structure, repeated, timeoutMs), structure, catalogue, timeoutMs);
}

/** The plan with these regions in it. Those whose nodes it does not execute are passed over. */
export function planRepeated(
  plan: RunPlan,
  structure: GraphStructure,
  regions: readonly RegionPlan[],
  timeoutMs: number,
): RunPlan {
  if (regions.length === 0) return plan;
  const planned = new Map(plan.nodes.map((node) => [node.nodeId, node]));
  for (const region of regions) {
    if (!region.nodes.every((id) => planned.get(id)?.action !== 'reuse')) continue;
    const driver = planDriver(region, structure, planned, timeoutMs);
    planned.set(driver.nodeId, driver);
    for (const nodeId of region.nodes.slice(1)) {
      planned.set(nodeId, planMember(planned.get(nodeId)!, driver, region, timeoutMs));
    }
    redirectSources(region, planned);
  }
  return { nodes: plan.nodes.map(({ nodeId }) => planned.get(nodeId)!) };
}

function planDriver(
  region: RegionPlan,
  structure: GraphStructure,
  planned: ReadonlyMap<string, PlannedNode>,
  timeoutMs: number,
): PlannedNode {
  const own = new Set(region.nodes);
  const { handlesError: _own, edges: _edges, ...driver } = planned.get(region.nodes[0]!)!;
  const outer = region.nodes.flatMap((id) => structure.incoming.get(id)!.filter(({ source }) => !own.has(source)));
  const dependencies = [...new Set(outer.map(({ source }) => source))];
  const outside = [...new Set(driver.dependents.filter((id) => !own.has(id)))];
  const edges = unsureEdges(region, outer, planned);
  const open = dependencies.filter((id) => planned.get(id)?.action === 'run').length;
  return {
    ...driver,
    action: edges !== null && judgeEdges(edges) === 'skip' ? 'skip' : 'run',
    pool: 'inline',
    timeoutMs: Math.max(timeoutMs, driver.timeoutMs),
    dependencies,
    dependents: [...region.nodes.slice(1), ...outside],
    pendingDependencies: edges === null ? open : countOpenSources(edges),
    ...(edges !== null && { edges }),
    region,
  };
}

/** What is repeated, as a plan freezes it. */
function regionPlanOf(
  { nodes, origins, settings, inner, loop }: Region,
  structure: GraphStructure,
  timeoutMs: number,
): RegionPlan {
  const own = new Set(nodes);
  const handling = structure.edges.filter(
    ({ source, sourceHandle, target }) => sourceHandle === errorOutputId && own.has(source) && !own.has(target),
  );
  return {
    nodes,
    each: origins,
    settings,
    timeoutMs,
    ...(handling.length > 0 && loop === undefined && { handling: [...new Set(handling.map(({ source }) => source))] }),
    ...(loop !== undefined && {
      loop: { ...loop, ...(handling.some(({ source }) => source === loop.end) && { handlesError: true }) },
    }),
    ...(inner.length > 0 && { inner: inner.map((region) => regionPlanOf(region, structure, timeoutMs)) }),
  };
}

/**
 * The edges from outside, where one of them may turn out dead: as far as lists come over one, or the first value of a
 * loop, there is something to repeat. Null where all are sure.
 */
function unsureEdges(
  { nodes, each, loop }: RegionPlan,
  outer: GraphStructure['edges'],
  planned: ReadonlyMap<string, PlannedNode>,
): readonly RunEdge[] | null {
  const written = new Map(nodes.flatMap((id) => planned.get(id)!.edges ?? []).map((edge) => [edge.id, edge] as const));
  if (!outer.some(({ id }) => written.has(id))) return null;
  return outer.map(({ id, source, sourceHandle, target }): RunEdge => {
    const state = written.get(id)?.state ?? (planned.get(source)?.action === 'run' ? undefined : 'live');
    return {
      id,
      from: source,
      out: sourceHandle,
      ...((Object.hasOwn(each, id) || (loop !== undefined && target === nodes[0])) && { need: 0 }),
      ...(state !== undefined && { state }),
    };
  });
}

/** It collects its own outputs once the driver has those of all parts. */
function planMember(
  node: PlannedNode,
  driver: PlannedNode,
  { nodes, loop }: RegionPlan,
  timeoutMs: number,
): PlannedNode {
  const { handlesError: _handled, edges: _edges, ...rest } = node;
  const own = new Set(nodes);
  const isSkipped = driver.action === 'skip';
  return {
    ...rest,
    action: driver.action,
    pool: 'inline',
    timeoutMs: Math.max(timeoutMs, node.timeoutMs),
    dependencies: [driver.nodeId],
    dependents: node.dependents.filter((id) => !own.has(id)),
    pendingDependencies: isSkipped ? 0 : 1,
    ...(endsHandled(loop, node) && { handlesError: true }),
    ...(driver.edges !== undefined && {
      edges: [
        {
          id: `${driver.nodeId} ${errorsOutputId}`,
          from: driver.nodeId,
          out: errorsOutputId,
          need: 0,
          ...(isSkipped && { state: 'dead' as const }),
        },
      ],
    }),
    region: { driver: driver.nodeId },
  };
}

/** The end of a loop fails in place of its driver where that is handled. */
function endsHandled(loop: LoopPlan | undefined, { nodeId }: PlannedNode): boolean {
  return loop?.handlesError === true && loop.end === nodeId;
}

/** What comes before a region leads to its driver, whichever of its nodes it feeds. */
function redirectSources({ nodes }: RegionPlan, planned: Map<string, PlannedNode>): void {
  const own = new Set(nodes);
  const driver = nodes[0]!;
  for (const source of planned.get(driver)!.dependencies) {
    const node = planned.get(source);
    if (node === undefined || !node.dependents.some((id) => own.has(id))) continue;
    planned.set(source, {
      ...node,
      dependents: [...new Set(node.dependents.map((id) => (own.has(id) ? driver : id)))],
    });
  }
}
