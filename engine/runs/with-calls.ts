import { FindingsError } from '../../core/errors/findings-error.ts';
import { canonicalJson } from '../../core/graph/canonical-json.ts';
import { callContractOf, callsIn, maxCallDepth, pinNodes, type PinnedCall } from '../../core/graph/calls.ts';
import { refuseFindings } from '../../core/graph/findings.ts';
import type { Graph, GraphNode } from '../../core/graph/graph.ts';
import { maxGraphBytes } from '../../core/graph/limits.ts';
import { inspectGraph } from '../../core/graph/validate.ts';
import { validateForRun } from '../../core/graph/validate-for-run.ts';
import { applyInputs } from '../../core/interface/apply-inputs.ts';
import { inputsOf } from '../../core/interface/inputs.ts';
import type { CalledWorkflow } from '../../core/node-type/definition.ts';
import type { Queryable } from '../../db/statement.ts';
import { findRunnableGraph } from '../../db/workflows/find-published.ts';
import { addressFindings } from './address-findings.ts';
import { sha256, type PlanningRules } from './plan-request.ts';

/** All graphs of one run together, in bytes of JSON: as large as eight graphs may be. */
const maxPinnedBytes = 8 * maxGraphBytes;

/** A version of a workflow, with the versions that it calls pinned. */
interface Pinned extends PinnedCall {
  /** Calls within one another below it: 1 where it calls nothing. */
  readonly depth: number;
}

/** What a frozen graph has under `calls`; undefined where it was frozen without any. */
export function pinnedIn(graph: Graph): unknown {
  return (graph as { calls?: unknown }).calls;
}

/** The same graph without what it brings along under `calls`. */
export function withoutCalls(graph: Graph): Graph {
  if (pinnedIn(graph) === undefined) return graph;
  const { calls: _calls, ...own } = graph as Graph & { calls?: unknown };
  return own;
}

/**
 * A graph with the workflows that it calls, and those that they call: their published versions as they are now become part
 * of it, under `calls` by the hash of their content, so that a run is frozen, retried and shown with them whatever becomes
 * of them. A graph without calls is the same object.
 *
 * Throws FindingsError where a workflow is not one of the user's, has no such version, cannot run, or calls itself.
 */
export async function withCalls(
  on: Queryable,
  rules: PlanningRules,
  { data }: { readonly data: Graph },
  { userId }: { readonly userId: string },
): Promise<{ readonly data: Graph }> {
  if (callsIn(data, rules.catalogue).length === 0) return { data };
  const graphs = new Map<string, Graph>();
  const known = new Map<string, Promise<Pinned>>();
  const whole = await pin(data, [], null);
  const calls = Object.fromEntries([...graphs].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  const pinned = { ...whole.graph, calls };
  const bytes = Buffer.byteLength(JSON.stringify(pinned));
  if (bytes > maxPinnedBytes) {
    refuseFindings([
      {
        code: 'GRAPH_TOO_LARGE',
        message: `With the workflows that it calls the graph has ${bytes} bytes; the limit is ${maxPinnedBytes}. Remove calls, or call smaller workflows.`,
      },
    ]);
  }
  return { data: pinned };

  /**
   * @param path the workflows around it, the outermost first
   * @param top the node of the whole graph that this is about; null: it is that graph
   */
  async function pin(
    graph: Graph,
    path: readonly string[],
    top: GraphNode | null,
  ): Promise<{ readonly graph: Graph; readonly depth: number }> {
    const pins = new Map<string, PinnedCall>();
    let depth = 0;
    for (const { node, called } of callsIn(graph, rules.catalogue)) {
      const call = await pinCall(top ?? node, called, path);
      pins.set(node.id, call);
      depth = Math.max(depth, call.depth);
    }
    const { calls: _before, ...rest } = graph as Graph & { calls?: unknown };
    return { graph: pinNodes(rest, pins), depth };
  }

  function pinCall(node: GraphNode, called: CalledWorkflow, path: readonly string[]): Promise<Pinned> {
    const key = `${called.workflowId} ${called.version}`;
    const isCircular = path.includes(key);
    if (isCircular || path.length >= maxCallDepth) refuse(node, isCircular ? circular(called) : tooDeep());
    const pending = known.get(key) ?? pinVersion(node, called, [...path, key]);
    known.set(key, pending);
    return pending.then((version) => {
      if (path.length + version.depth > maxCallDepth) refuse(node, tooDeep());
      return version;
    });
  }

  async function pinVersion(node: GraphNode, called: CalledWorkflow, path: readonly string[]): Promise<Pinned> {
    const { workflowId, version } = called;
    const found = await findRunnableGraph(on, { workspaceId: userId }, workflowId, version);
    if (found === null) refuse(node, `There is no workflow ${workflowId} of yours. Choose another one.`);
    const { name, published, data: own } = found;
    if (published === null) refuse(node, `The workflow "${name}" is not published. Publish it first.`);
    if (own === null) refuse(node, `The workflow "${name}" has no version ${version}. Choose another one.`);
    const complete = applyInputs(own, rules.catalogue, {}, false).graph;
    const { graph, depth } = await pin(complete, path, node);
    requireRunnable(node, name, graph);
    const hash = sha256(canonicalJson(graph));
    graphs.set(hash, graph);
    const contract = callContractOf({ name, version: published, data: graph }, rules.catalogue);
    return { graph: hash, contract, depth: depth + 1 };
  }

  /** What was right when it was published may not be any more: node types and addresses change. */
  function requireRunnable(node: GraphNode, name: string, graph: Graph): void {
    const { findings, structure } = inspectGraph(graph, rules.catalogue, rules.graphLimits);
    const given = new Set(inputsOf(graph, rules.catalogue).map(({ nodeId }) => nodeId));
    const executed = new Set([...(structure?.nodes.keys() ?? [])].filter((id) => !given.has(id)));
    const [first] = [
      ...findings,
      ...addressFindings(graph, rules.catalogue, rules.addresses),
      ...(structure === null ? [] : validateForRun(graph, executed, rules.catalogue, structure)),
    ];
    if (first !== undefined) refuse(node, `The workflow "${name}" cannot run: ${first.message}`);
  }
}

function circular({ workflowId }: CalledWorkflow): string {
  return `Workflow ${workflowId} would call itself. Choose another one, or a version by its number.`;
}

function tooDeep(): string {
  return `Workflows would call one another more than ${maxCallDepth} deep. Remove one of the calls.`;
}

function refuse({ id, data }: GraphNode, why: string): never {
  const label = typeof data['label'] === 'string' && data['label'].trim() !== '' ? data['label'] : id;
  const message = `Node "${label}": ${why}`;
  throw new FindingsError('CALL_INVALID', message, [{ code: 'CALL_INVALID', message, nodeIds: [id] }]);
}
