import { hash } from 'node:crypto';
import { FindingsError } from '../../core/errors/findings-error.ts';
import { planBranches, type GivenOutputs } from '../../core/graph/branches.ts';
import { refuseFindings } from '../../core/graph/findings.ts';
import { isTurnedOff, type Graph } from '../../core/graph/graph.ts';
import type { GraphLimits } from '../../core/graph/limits.ts';
import { planRegions } from '../../core/graph/plan-regions.ts';
import { planRun, type RunPlan } from '../../core/graph/plan.ts';
import type { GraphStructure } from '../../core/graph/structure.ts';
import { inspectGraph } from '../../core/graph/validate.ts';
import { validateForRun } from '../../core/graph/validate-for-run.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';
import { storedListsIn } from '../../core/node-type/values.ts';
import type { RunMode } from '../../core/run/status.ts';
import { findLists } from '../../db/assets/lists.ts';
import { listReusableOutputs, type ReusableOutput } from '../../db/nodes/list-reusable-outputs.ts';
import type { SettledOutput } from '../../db/settled-output.ts';
import type { Queryable } from '../../db/statement.ts';
import type { AddressRules } from '../../net/address-rules.ts';
import { addressFindings } from './address-findings.ts';

/** What a request is planned by. */
export interface PlanningRules {
  readonly catalogue: NodeCatalogue;
  readonly graphLimits: GraphLimits;
  /** What nodes may fetch from. */
  readonly addresses: AddressRules;
  /** Milliseconds that one attempt of a node may take where its type has no limit of its own. */
  readonly nodeTimeoutMs: number;
}

/** Which part of a graph is to run. */
export interface RunScope {
  /** Default: `selected` where node ids are given, else `all`. */
  readonly mode?: RunMode | undefined;
  readonly nodeIds?: readonly string[] | undefined;
}

/** A scope of a graph that can run. */
export interface ScopePlan {
  readonly mode: RunMode;
  /** As asked for; null for the whole workflow. */
  readonly nodeIds: readonly string[] | null;
  readonly plan: RunPlan;
  /** Of the graph. */
  readonly structure: GraphStructure;
}

/** A scope that can run, and what stands in for its nodes. */
export interface PlannedRequest extends ScopePlan {
  /** Earlier outputs for the nodes that are planned as `reuse`, as far as there are any. */
  readonly reusable: ReadonlyMap<string, ReusableOutput>;
}

/** The hash that names contents, in hex. */
export function sha256(text: string): string {
  return hash('sha256', text);
}

/**
 * Checks that a scope of a graph can run and plans it.
 *
 * Throws FindingsError: the graph is invalid or incomplete, or the scope names
 * nodes that are not there.
 *
 * @param given nodes that get their values before they run, so that they may lack some now
 */
export function planScope(
  rules: PlanningRules,
  graph: Graph,
  scope: RunScope,
  given: ReadonlySet<string> = new Set(),
): ScopePlan {
  const { findings, structure } = inspectGraph(graph, rules.catalogue, rules.graphLimits);
  refuseFindings(findings);
  if (structure === null) throw new Error('A graph without findings has a structure.');
  refuseFindings([...addressFindings(graph, rules.catalogue, rules.addresses)]);
  const mode = scope.mode ?? (scope.nodeIds === undefined ? 'all' : 'selected');
  const nodeIds = mode === 'all' ? null : checkNodeIds(graph, rules.catalogue, mode, scope.nodeIds ?? []);
  const plan = planRun({
    graph,
    structure,
    catalogue: rules.catalogue,
    mode,
    nodeIds: nodeIds ?? [],
    hash: sha256,
    defaultTimeoutMs: rules.nodeTimeoutMs,
  });
  const executed = new Set(plan.nodes.filter((node) => node.action === 'run').map((node) => node.nodeId));
  if (executed.size === 0) {
    const message = graph.nodes.some(isTurnedOff)
      ? 'There is nothing to run: every node of it is turned off, or needs one that is. Turn one on first.'
      : 'There is nothing to run: the workflow has no nodes. Add one first.';
    refuseFindings([{ code: 'GRAPH_EMPTY', message }]);
  }
  const complete = given.size === 0 ? executed : new Set([...executed].filter((id) => !given.has(id)));
  refuseFindings(validateForRun(graph, complete, rules.catalogue, structure));
  return { mode, nodeIds, plan, structure };
}

/** Looks up the earlier outputs that a plan needs; one that is missing is not an error yet. They may rule branches out. */
export async function withReusable(
  on: Queryable,
  { catalogue, nodeTimeoutMs }: Pick<PlanningRules, 'catalogue' | 'nodeTimeoutMs'>,
  of: { readonly workflowId: number; readonly userId: string },
  planned: ScopePlan,
): Promise<PlannedRequest> {
  const wanted = planned.plan.nodes.filter((node) => node.action === 'reuse');
  const found =
    wanted.length === 0 ? [] : await withTheirLists(on, of.userId, await listReusableOutputs(on, of, wanted));
  const reusable = new Map(found.map((output) => [output.nodeId, output]));
  const branched = planBranches(planned.plan, planned.structure, catalogue, givenBy(reusable));
  const plan = planRegions(branched, planned.structure, catalogue, nodeTimeoutMs);
  return { ...planned, plan, reusable };
}

/** Those of which no list in a file is gone: an output without its list is none. */
export async function withTheirLists(
  on: Queryable,
  userId: string,
  outputs: readonly ReusableOutput[],
): Promise<ReusableOutput[]> {
  const listsIn = ({ outputs: values }: ReusableOutput) => Object.values(values ?? {}).flatMap(storedListsIn);
  const there = await findLists(on, userId, [...new Set(outputs.flatMap(listsIn))]);
  return outputs.filter((output) => listsIn(output).every((id) => there.has(id)));
}

/** Which outputs there are of what stands in for executions. */
export function givenBy(reused: ReadonlyMap<string, SettledOutput>): ReadonlyMap<string, GivenOutputs> {
  return new Map(
    [...reused].map(([nodeId, { outputs }]) => [nodeId, (name) => outputs !== null && Object.hasOwn(outputs, name)]),
  );
}

function checkNodeIds(graph: Graph, catalogue: NodeCatalogue, mode: RunMode, nodeIds: readonly string[]): string[] {
  if (nodeIds.length === 0) {
    throw new FindingsError('REQUEST_INVALID', `The mode "${mode}" needs nodeIds: name at least one node.`, [
      { code: 'REQUEST_INVALID', message: 'Name at least one node.', path: 'nodeIds' },
    ]);
  }
  const executable = new Set(graph.nodes.filter((node) => catalogue.has(node.type)).map((node) => node.id));
  const unknown = nodeIds.filter((id) => !executable.has(id));
  if (unknown.length > 0) {
    refuseFindings([
      {
        code: 'NODE_NOT_FOUND',
        message: `The workflow has no executable node called ${unknown.map((id) => `"${id}"`).join(', ')}. Choose others, or read the workflow again.`,
        nodeIds: unknown,
        path: 'nodeIds',
      },
    ]);
  }
  return [...new Set(nodeIds)];
}
