import type { CostClass, NodeCatalogue } from '../node-type/definition.ts';
import type { RunEdge } from '../run/edges.ts';
import type { RegionPlan } from '../run/region.ts';
import type { RunMode } from '../run/status.ts';
import { configOf } from './config.ts';
import { fingerprintNodes, type Hash } from './fingerprint.ts';
import { isTurnedOff, type Graph } from './graph.ts';
import { allLoops, loopsOf } from './loops.ts';
import { reachableFrom } from './order.ts';
import { structureOf, type GraphStructure } from './structure.ts';

/** What a run will do with one node. */
export interface PlannedNode {
  readonly nodeId: string;
  readonly nodeType: string;
  readonly nodeLabel: string | null;
  readonly pool: CostClass;
  /** `reuse`: an earlier output stands in; `run`: it is executed; `skip`: a branch that earlier outputs did not take. */
  readonly action: 'run' | 'reuse' | 'skip';
  /** Every node that inputs come from. */
  readonly dependencies: readonly string[];
  /** The nodes of this run that wait for it. */
  readonly dependents: readonly string[];
  /** Dependencies that this run still has to execute. */
  readonly pendingDependencies: number;
  readonly fingerprint: string;
  readonly timeoutMs: number;
  /** The edges into it, where one may turn out dead. */
  readonly edges?: readonly RunEdge[];
  /** Its error output leads on in this run. */
  readonly handlesError?: boolean;
  /** Where it is executed once for each element of a list: of the first node of its region, what is repeated; of others, which one that is. */
  readonly region?: RegionPlan | { readonly driver: string };
}

/** What a run will do with each node of its scope. */
export interface RunPlan {
  /** In topological order. */
  readonly nodes: readonly PlannedNode[];
}

/** Which part of which graph to plan. */
export interface PlanRequest {
  readonly graph: Graph;
  readonly catalogue: NodeCatalogue;
  /** Of this graph, where it is at hand already. */
  readonly structure?: GraphStructure;
  readonly mode: RunMode;
  /** What the mode starts from; unused for `all`. */
  readonly nodeIds: readonly string[];
  /** Nodes of the scope whose outputs are at hand already: a retry. */
  readonly finished?: ReadonlySet<string>;
  readonly hash: Hash;
  /** The limit of one attempt, in milliseconds, where a node type has none of its own. */
  readonly defaultTimeoutMs: number;
}

/**
 * Decides which nodes a run executes and which earlier outputs it needs. The
 * graph must be valid. Linear in nodes and edges.
 *
 * - `all`: every node. `selected`: just `nodeIds`.
 * - `from`: these and everything after them, of loops that end there everything. `to`: these and everything before them.
 *
 * Direct dependencies outside the scope are planned as `reuse`. Nodes that are
 * turned off are left out, and so is everything that needs them. Ids that name no
 * executable node (a note in the selection) are passed over.
 */
export function planRun(request: PlanRequest): RunPlan {
  const { graph, catalogue, finished = new Set<string>() } = request;
  const { structure = structureOf(graph, catalogue) } = request;
  const { order } = structure.order;
  const fingerprints = fingerprintNodes(structure, order, catalogue, request.hash);
  const scope = [...scopeOf(structure, request)].filter((id) => structure.nodes.has(id));
  const off = turnedOffIn(structure);
  const executed = new Set(scope.filter((id) => !finished.has(id) && !off.has(id)));
  const needed = new Set([...executed].flatMap((id) => structure.dependencies.get(id)!));

  const nodes: PlannedNode[] = [];
  for (const nodeId of order) {
    if (!executed.has(nodeId) && !needed.has(nodeId) && !finished.has(nodeId)) continue;
    const node = structure.nodes.get(nodeId)!;
    const definition = catalogue.get(node.type)!;
    const config = configOf(structure.configs, definition, node);
    const dependencies = structure.dependencies.get(nodeId)!;
    const label = node.data['label'];
    nodes.push({
      nodeId,
      nodeType: node.type,
      nodeLabel: typeof label === 'string' ? label.slice(0, 255) : null,
      pool: definition.costClass(config),
      action: executed.has(nodeId) ? 'run' : 'reuse',
      dependencies,
      dependents: structure.dependents.get(nodeId)!.filter((id) => executed.has(id)),
      pendingDependencies: executed.has(nodeId) ? dependencies.filter((id) => executed.has(id)).length : 0,
      fingerprint: fingerprints.get(nodeId)!,
      timeoutMs: definition.timeoutMs?.(config) ?? request.defaultTimeoutMs,
    });
  }
  return { nodes };
}

/** The nodes that are turned off, and everything after them. */
function turnedOffIn({ nodes, dependents }: GraphStructure): ReadonlySet<string> {
  const off = [...nodes.values()].filter(isTurnedOff).map(({ id }) => id);
  return off.length === 0 ? new Set() : reachableFrom(off, dependents);
}

function scopeOf(structure: GraphStructure, { mode, nodeIds, catalogue }: PlanRequest): ReadonlySet<string> {
  switch (mode) {
    case 'all':
      return new Set(structure.nodes.keys());
    case 'selected':
      return new Set(nodeIds);
    case 'from':
      return withWholeLoops(reachableFrom(nodeIds, structure.dependents), structure, catalogue);
    case 'to':
      return reachableFrom(nodeIds, structure.dependencies);
  }
}

/** A loop is gone through from its first lap. */
function withWholeLoops(scope: Set<string>, structure: GraphStructure, catalogue: NodeCatalogue): ReadonlySet<string> {
  for (const { end, nodes } of allLoops(loopsOf(structure, catalogue))) {
    if (scope.has(end)) for (const id of nodes) scope.add(id);
  }
  return scope;
}
