import type { InputHandle, NodeCatalogue } from '../node-type/definition.ts';
import { handlesOf } from '../node-type/handles.ts';
import { countOpenSources, errorOutputId, judgeEdges, type RunEdge } from '../run/edges.ts';
import { configOf } from './config.ts';
import type { PlannedNode, RunPlan } from './plan.ts';
import type { GraphStructure, ResolvedEdge } from './structure.ts';

/** What stands in for a node: whether it gave an output, or rather what an edge from it carries. Nothing was given by one that was skipped. */
export type GivenOutputs = (output: string, edgeId: string) => boolean;

/** What a plan knows of branches beyond its graph. */
export interface KnownBranches {
  /** Nodes whose failure is handled outside the plan. Default: none. */
  readonly handling?: ReadonlySet<string>;
  /** Something that is given lacks a value, whether the graph has branches or not. Default false. */
  readonly isSparse?: boolean;
}

/**
 * A planned run with its branches: the edges of nodes that may be skipped, which errors are handled, and which nodes
 * earlier outputs rule out. A plan without branches is returned as it is.
 *
 * @param given of each node that is planned as `reuse`
 */
export function planBranches(
  plan: RunPlan,
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  given: ReadonlyMap<string, GivenOutputs>,
  { handling: handledOutside = new Set(), isSparse = false }: KnownBranches = {},
): RunPlan {
  if (!isSparse && !mayBranch(structure, catalogue)) return plan;
  const executed = new Set(plan.nodes.filter(({ action }) => action === 'run').map(({ nodeId }) => nodeId));
  const handling = new Set(
    structure.edges
      .filter(
        ({ sourceHandle, source, target }) =>
          sourceHandle === errorOutputId && executed.has(source) && executed.has(target),
      )
      .map(({ source }) => source),
  );
  for (const id of handledOutside) handling.add(id);
  const planned = new Map<string, PlannedNode>();
  for (const node of plan.nodes) planned.set(node.nodeId, node.action === 'run' ? withEdges(node) : node);
  return { nodes: [...planned.values()] };

  function withEdges(node: PlannedNode): PlannedNode {
    const incoming = structure.incoming.get(node.nodeId)!;
    const states = incoming.map(stateOf);
    const handled = handling.has(node.nodeId) ? { ...node, handlesError: true } : node;
    if (!incoming.some(({ source }, index) => states[index] === 'dead' || isUnsure(source))) return handled;
    const needs = needsOf(structure, catalogue, node.nodeId);
    const edges = incoming.map(({ id, source, sourceHandle, targetHandle }, index): RunEdge => {
      const [need, state] = [needs.get(targetHandle), states[index]];
      return {
        id,
        from: source,
        out: sourceHandle,
        ...(need === undefined ? {} : { need }),
        ...(state === undefined ? {} : { state }),
      };
    });
    const action = judgeEdges(edges) === 'skip' ? 'skip' : 'run';
    return { ...handled, action, edges, pendingDependencies: countOpenSources(edges) };
  }

  /** What is known before the run begins. */
  function stateOf({ id, source, sourceHandle }: ResolvedEdge): RunEdge['state'] {
    const action = planned.get(source)?.action;
    if (action === 'skip') return 'dead';
    if (action !== 'reuse') return undefined;
    return (given.get(source)?.(sourceHandle, id) ?? true) ? 'live' : 'dead';
  }

  /** Whether an edge from a node may turn out dead. */
  function isUnsure(source: string): boolean {
    const node = planned.get(source);
    if (node?.action !== 'run') return false;
    return catalogue.get(node.nodeType)!.branches === true || handling.has(source) || node.edges !== undefined;
  }
}

const branching = new WeakMap<GraphStructure, boolean>();

/** Whether anything in a graph leads a run one way or another. Asked at each start and attempt, and looked up once. */
export function mayBranch(structure: GraphStructure, catalogue: NodeCatalogue): boolean {
  let known = branching.get(structure);
  if (known === undefined) branching.set(structure, (known = hasBranches(structure, catalogue)));
  return known;
}

function hasBranches({ nodes, edges }: GraphStructure, catalogue: NodeCatalogue): boolean {
  if (edges.some(({ sourceHandle }) => sourceHandle === errorOutputId)) return true;
  for (const { type } of nodes.values()) if (catalogue.get(type)!.branches === true) return true;
  return false;
}

/** The inputs of a node that need a value once they are connected, each with its number. */
function needsOf(
  { configs, nodes }: GraphStructure,
  catalogue: NodeCatalogue,
  nodeId: string,
): ReadonlyMap<string, number> {
  const node = nodes.get(nodeId)!;
  const definition = catalogue.get(node.type)!;
  const { inputs } = handlesOf(definition, configOf(configs, definition, node));
  return new Map(inputs.flatMap((input, number) => (needsValue(input) ? [[input.id, number] as const] : [])));
}

function needsValue({ carries, required }: InputHandle): boolean {
  return carries ?? required ?? false;
}

/** What may become of a planned node, where nothing fails. */
export type Prospect = 'runs' | 'unsure' | 'skipped';

/** Foretells of each node that a run executes whether it is reached, as far as that is known before the run. */
export function foretellBranches({ nodes }: RunPlan, catalogue: NodeCatalogue): ReadonlyMap<string, Prospect> {
  const prospects = new Map<string, Prospect>();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  for (const { nodeId, action, edges } of nodes) {
    if (action === 'run') prospects.set(nodeId, edges === undefined ? 'runs' : prospectOf(edges));
  }
  return prospects;

  function prospectOf(edges: readonly RunEdge[]): Prospect {
    const best = new Map<number, Prospect>();
    for (const edge of edges) {
      if (edge.need === undefined) continue;
      const [one, other] = [best.get(edge.need), alongEdge(edge)];
      best.set(edge.need, one === 'runs' || other === 'runs' ? 'runs' : one === 'unsure' ? one : other);
    }
    const all = [...best.values()];
    return all.includes('skipped') ? 'skipped' : all.includes('unsure') ? 'unsure' : 'runs';
  }

  function alongEdge({ from, out, state }: RunEdge): Prospect {
    if (state !== undefined) return state === 'live' ? 'runs' : 'skipped';
    if (out === errorOutputId) return 'skipped';
    const before = prospects.get(from) ?? 'runs';
    const source = byId.get(from);
    return before === 'runs' && source !== undefined && catalogue.get(source.nodeType)!.branches === true
      ? 'unsure'
      : before;
  }
}
