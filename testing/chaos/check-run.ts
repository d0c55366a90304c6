import { canonicalJson } from '../../core/graph/canonical-json.ts';
import { resolveInputs } from '../../core/graph/inputs.ts';
import { structureOf, type ResolvedEdge } from '../../core/graph/structure.ts';
import type { NodeInputs, NodeOutputs, OutputValue } from '../../core/node-type/values.ts';
import { maxCrashes } from '../../core/run/decide.ts';
import { defaultRetryPolicy } from '../../core/run/retry.ts';
import { outputsOfAnswer } from '../../core/waits/answer.ts';
import { carriedValue } from '../../core/node-type/carried-value.ts';
import { approveNode } from '../../nodes/flow/approve/definition.ts';
import { isNodeFinished, isRunFinished, type NodeExecutionStatus, type RunStatus } from '../../core/run/status.ts';
import { firstThatHolds, valueIn } from '../../nodes/flow/if/executor-conditions.ts';
import { switchNode } from '../../nodes/flow/switch/definition.ts';
import { probedNodes, probeOutput } from '../probe-node.ts';
import type { HistoryNode, HistoryRun } from './history.ts';
import { checkRegion, regionTypes } from './check-region.ts';
import type { AcceptedRun } from './load.ts';

/** What may end a node that the graph lets succeed: three dead workers, or a disk that stayed full for three tries. */
const excused = new Set(['NODE_CRASHED_WORKER', 'STORAGE_FULL']);

export interface CheckedRun {
  readonly problems: readonly string[];
  /** Nodes that faults brought down. */
  readonly excusedNodes: number;
}

/** Holds what is stored of a run and of its parts against its graph. */
export function checkRun(
  accepted: AcceptedRun,
  run: HistoryRun | undefined,
  parts: readonly HistoryRun[],
  callsOf: (nodeExecutionId: string) => number,
): CheckedRun {
  if (run === undefined) return { problems: ['lost: it was accepted and is not there'], excusedNodes: 0 };
  const problems: string[] = [];
  const complain = (problem: string) => void problems.push(problem);
  if (!isRunFinished(run.status as RunStatus)) complain(`stuck in ${run.status}`);
  checkEvents(run, complain);
  checkCommits(run, complain);
  const excusedNodes = checkOutcome(accepted, run, complain) + checkRegion(accepted.graph, run, parts, complain);
  for (const part of parts) {
    const complainOfPart = (problem: string) => complain(`part ${part.index}: ${problem}`);
    if (!isRunFinished(part.status as RunStatus)) complainOfPart(`stuck in ${part.status}`);
    checkEvents(part, complainOfPart);
    checkCommits(part, complainOfPart);
  }
  for (const node of [run, ...parts].flatMap(({ nodes }) => nodes)) {
    const calls = callsOf(node.id);
    // The provider refuses some first calls, which makes an attempt of its own.
    if (calls > node.attempt) complain(`${node.nodeId}: ${calls} calls in ${node.attempt} attempts`);
  }
  return { problems, excusedNodes };
}

function checkEvents(run: HistoryRun, complain: (problem: string) => void): void {
  const numbers = run.events.map((event) => event.seq);
  if (numbers.some((seq, index) => seq !== index + 1)) complain(`events with gaps: ${numbers.join(' ')}`);
  if (numbers.length !== run.lastSeq) complain(`${numbers.length} events, and the last has the number ${run.lastSeq}`);
  const ends = run.events.filter((event) => event.type === 'run.updated' && isRunFinished(event.status as RunStatus));
  if (!isRunFinished(run.status as RunStatus)) return;
  if (ends.length !== 1) complain(`ended ${ends.length} times`);
  if (run.events.at(-1) !== ends.at(-1)) complain('something happened after its end');
  if (ends.at(-1)?.status !== run.status) complain(`ended as ${ends.at(-1)?.status} and is ${run.status}`);
}

function checkCommits(run: HistoryRun, complain: (problem: string) => void): void {
  const finishedAs = new Map<string, string>();
  const byId = new Map(run.nodes.map((node) => [node.id, node]));
  for (const event of run.events) {
    if (event.nodeExecutionId === null) continue;
    const { nodeId } = byId.get(event.nodeExecutionId)!;
    const before = finishedAs.get(nodeId);
    // What was skipped is told again for each further failure that it waited behind.
    const isToldAgain = before === 'SKIPPED' && event.status === 'SKIPPED';
    if (before !== undefined && !isToldAgain) complain(`${nodeId}: ${event.status} after it was ${before}`);
    if (isNodeFinished(event.status as NodeExecutionStatus)) finishedAs.set(nodeId, event.status);
  }
  for (const node of run.nodes) {
    if (isNodeFinished(node.status as NodeExecutionStatus) !== finishedAs.has(node.nodeId)) {
      complain(`${node.nodeId}: ${node.status}, and its events say otherwise`);
    }
  }
}

/** Works out anew what must have come of every node. */
function checkOutcome({ graph, cancel }: AcceptedRun, run: HistoryRun, complain: (problem: string) => void): number {
  const structure = structureOf(graph, probedNodes.catalogue);
  const byNodeId = new Map(run.nodes.map((node) => [node.nodeId, node]));
  const startedAt = firstStarts(run);
  const endedAt = ends(run);
  const handling = new Set(
    structure.edges.flatMap(({ source, sourceHandle }) => (sourceHandle === 'error' ? [source] : [])),
  );
  let excusedNodes = 0;
  // Nodes of random graphs stand in topological order.
  for (const { id, type, data } of graph.nodes) {
    const node = byNodeId.get(id);
    if (node === undefined) {
      complain(`${id}: has no execution`);
      continue;
    }
    const dependencies = structure.dependencies.get(id)!;
    for (const dependency of dependencies) {
      const started = startedAt.get(id);
      const ended = endedAt.get(dependency);
      if (started !== undefined && (ended === undefined || ended > started)) {
        complain(`${id}: started before ${dependency} was settled`);
      }
    }
    if (regionTypes.has(type)) continue;
    const reach = reachOf(structure.incoming.get(id)!, byNodeId);
    const expected = reach !== 'runs' ? 'SKIPPED' : data['fails'] === 'always' ? 'FAILED' : 'COMPLETED';
    if (node.status === 'SKIPPED' && (node.errorCode === null) !== (reach === 'untaken')) {
      complain(`${id}: SKIPPED for the wrong reason (${node.errorCode})`);
    }
    if (node.status === 'FAILED' && (node.outputs !== null) !== handling.has(id)) {
      complain(`${id}: its error was ${node.outputs === null ? 'not ' : ''}handed on`);
    }
    if (isExcused(node, expected, run)) excusedNodes += 1;
    else if (run.status !== 'CANCELLED' && node.status !== expected) {
      complain(`${id}: ${node.status} (${node.errorCode}) and not ${expected}`);
    }
    if (node.status !== 'COMPLETED') continue;
    const inputs = resolveInputs(
      probedNodes.catalogue.get(type)!,
      structure.incoming.get(id)!,
      (dependency) => byNodeId.get(dependency)?.outputs ?? undefined,
    );
    if (canonicalJson(node.inputs) !== canonicalJson(inputs)) complain(`${id}: its inputs are not what came in`);
    const outputs = outputsOf(type, id, data, inputs);
    if (outputs !== null && canonicalJson(node.outputs) !== canonicalJson(outputs)) complain(`${id}: a wrong output`);
  }
  const isFailed = run.nodes.some(({ nodeId, status }) => status === 'FAILED' && !handling.has(nodeId));
  const expected = isFailed ? 'FAILED' : 'COMPLETED';
  if (cancel === 'confirmed' && run.status !== 'CANCELLED') complain(`cancelled, and ${run.status} all the same`);
  if (cancel === 'none' && run.status === 'CANCELLED') complain('cancelled by nobody');
  if (run.status !== 'CANCELLED' && run.status !== expected) complain(`${run.status} and not ${expected}`);
  return excusedNodes;
}

/** Whether a node is to run, as far as its sources say: all of its inputs need a value once they are connected. */
function reachOf(
  incoming: readonly ResolvedEdge[],
  byNodeId: ReadonlyMap<string, HistoryNode>,
): 'runs' | 'untaken' | 'lost' {
  const sources = incoming.map(({ source }) => byNodeId.get(source));
  const isSettled = (node: HistoryNode | undefined) =>
    node !== undefined && (node.outputs !== null || (node.status === 'SKIPPED' && node.errorCode === null));
  if (!sources.every(isSettled)) return 'lost';
  const isLive = ({ source, sourceHandle }: ResolvedEdge) =>
    Object.hasOwn(byNodeId.get(source)?.outputs ?? {}, sourceHandle);
  const isMet = (handle: string) => incoming.some((edge) => edge.targetHandle === handle && isLive(edge));
  return incoming.every(({ targetHandle }) => isMet(targetHandle)) ? 'runs' : 'untaken';
}

/** What a node has to put out for its inputs; null where that is not worked out here. */
function outputsOf(
  type: string,
  id: string,
  data: Readonly<Record<string, unknown>>,
  inputs: NodeInputs,
): NodeOutputs | null {
  if (type === 'probe') return { output: probeOutput(id, inputs) };
  if (type === 'switch') {
    const { cases } = switchNode.configSchema.parse(data);
    const value = valueIn(inputs);
    const at = firstThatHolds(cases, value);
    return { [at === null ? 'else' : cases[at]!.id]: value };
  }
  if (type === 'delay') return { output: carriedValue(inputs, 'input') };
  if (type === 'approve') {
    const { message, fields, buttons, onExpiry = '' } = approveNode.configSchema.parse(data);
    const nobody = { action: onExpiry, values: {}, indices: [] };
    return outputsOfAnswer({ message, fields, buttons, choice: null }, inputs, nobody, null);
  }
  if (type !== 'merge') return null;
  const values = inputs['values'] as OutputValue[];
  return { output: data['mode'] === 'all' ? values : values[0]! };
}

function isExcused(node: HistoryNode, expected: string, run: HistoryRun): boolean {
  if (expected === 'SKIPPED' || node.status !== 'FAILED') return false;
  // One call may be refused: a full disk took all the tries but that one.
  if (node.errorCode === 'PROVIDER_RATE_LIMITED') {
    const onFullDisk = run.events.filter(
      ({ nodeExecutionId, status, errorCode }) =>
        nodeExecutionId === node.id && status === 'QUEUED' && errorCode === 'STORAGE_FULL',
    );
    return onFullDisk.length === defaultRetryPolicy.maxTries - 1;
  }
  if (!excused.has(node.errorCode ?? '')) return false;
  return node.errorCode !== 'NODE_CRASHED_WORKER' || node.crashCount >= maxCrashes;
}

function firstStarts(run: HistoryRun): Map<string, number> {
  return firstOf(run, 'RUNNING');
}

function ends(run: HistoryRun): Map<string, number> {
  return firstOf(run, 'COMPLETED', 'FAILED', 'SKIPPED');
}

function firstOf(run: HistoryRun, ...statuses: readonly string[]): Map<string, number> {
  const nodeIds = new Map(run.nodes.map((node) => [node.id, node.nodeId]));
  const first = new Map<string, number>();
  for (const event of run.events) {
    const nodeId = event.nodeExecutionId === null ? undefined : nodeIds.get(event.nodeExecutionId);
    if (nodeId !== undefined && statuses.includes(event.status) && !first.has(nodeId)) first.set(nodeId, event.seq);
  }
  return first;
}
