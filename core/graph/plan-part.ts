import type { NodeCatalogue } from '../node-type/definition.ts';
import type { RegionPlan } from '../run/region.ts';
import { planBranches, type GivenOutputs } from './branches.ts';
import type { Hash } from './fingerprint.ts';
import { reachableFrom } from './order.ts';
import { planCalls } from './plan-calls.ts';
import { planRegions, planRepeated } from './plan-regions.ts';
import { planRun, type RunPlan } from './plan.ts';
import { findRegions } from './regions.ts';
import type { GraphStructure } from './structure.ts';

/** Nodes of an earlier part that completed, each with the outputs that it gave. */
export type FinishedNodes = ReadonlyMap<string, ReadonlySet<string>>;

interface Planning {
  /** Of the graph that the nodes of the part are of. */
  readonly structure: GraphStructure;
  readonly catalogue: NodeCatalogue;
  /** Nodes whose outputs are at hand, of the same part in the run that is retried. Default: none. */
  readonly finished?: FinishedNodes;
  readonly hash: Hash;
}

/** What planning the parts of a region takes. */
export interface PartRequest extends Planning {
  readonly region: RegionPlan;
  /** Whether a value comes in over an edge from outside. */
  readonly isGiven: (edgeId: string) => boolean;
}

/** What a part does with each node of its region, in topological order. What comes from outside is at hand. */
export function planPart({ region, structure, catalogue, isGiven, finished, hash }: PartRequest): RunPlan {
  const own = new Set(region.nodes);
  const { timeoutMs, inner = [] } = region;
  const done = wholeOnly(finished, structure, inner);
  const plan = planRun({
    // Only the structure is read where it is at hand.
    graph: { nodes: [], edges: [] },
    structure,
    catalogue,
    mode: 'selected',
    nodeIds: region.nodes,
    finished: new Set(done.keys()),
    hash,
    defaultTimeoutMs: timeoutMs,
  });
  const given = new Map<string, GivenOutputs>();
  for (const { nodeId, action } of plan.nodes) {
    if (action !== 'reuse') continue;
    const outputs = done.get(nodeId);
    given.set(nodeId, outputs === undefined ? (_output, edgeId) => isGiven(edgeId) : (output) => outputs.has(output));
  }
  const isSparse = !Object.keys(region.each).every(isGiven);
  const branched = planBranches(plan, structure, catalogue, given, { handling: new Set(region.handling), isSparse });
  const repeated = planRepeated(branched, structure, inner, timeoutMs);
  const { nodes } = planCalls(repeated, structure, catalogue, timeoutMs);
  return partOf(nodes, own);
}

/** What planning the part of a called workflow takes. */
export interface CalledRequest extends Planning {
  /** Its inputs that the call gives a value to, by node: they are not executed. */
  readonly given: ReadonlySet<string>;
  /** Milliseconds that one attempt of a node may take where its type has no limit of its own. */
  readonly timeoutMs: number;
}

/** What the part of a called workflow does with each of its nodes, in topological order: as a run of it would. */
export function planCalled({ structure, catalogue, given, finished, timeoutMs, hash }: CalledRequest): RunPlan {
  const own = new Set([...structure.nodes.keys()].filter((id) => !given.has(id)));
  const done = wholeOnly(finished, structure, regionsOf(structure, catalogue, own));
  const plan = planRun({
    graph: { nodes: [], edges: [] },
    structure,
    catalogue,
    mode: 'all',
    nodeIds: [],
    finished: new Set([...given, ...done.keys()]),
    hash,
    defaultTimeoutMs: timeoutMs,
  });
  const outputs = new Map<string, GivenOutputs>([...given].map((id) => [id, () => true]));
  for (const [id, names] of done) outputs.set(id, (name) => names.has(name));
  const branched = planBranches(plan, structure, catalogue, outputs);
  return partOf(planRegions(branched, structure, catalogue, timeoutMs).nodes, own);
}

function regionsOf(structure: GraphStructure, catalogue: NodeCatalogue, own: ReadonlySet<string>) {
  return findRegions(structure, catalogue, own);
}

function partOf(nodes: RunPlan['nodes'], own: ReadonlySet<string>): RunPlan {
  return {
    nodes: nodes
      .filter(({ nodeId }) => own.has(nodeId))
      .map((node) => ({ ...node, dependencies: node.dependencies.filter((id) => own.has(id)) })),
  };
}

const none: FinishedNodes = new Map();

/** Regions are taken over whole or gone through again, and with them what comes after. */
function wholeOnly(
  finished: FinishedNodes = none,
  { dependents }: GraphStructure,
  regions: readonly Pick<RegionPlan, 'nodes'>[],
): FinishedNodes {
  if (finished.size === 0) return none;
  const again = regions.filter(({ nodes }) => !nodes.every((id) => finished.has(id))).flatMap(({ nodes }) => nodes);
  if (again.length === 0) return finished;
  const left = new Map(finished);
  for (const id of reachableFrom(again, dependents)) left.delete(id);
  return left;
}
