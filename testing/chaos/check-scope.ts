import { canonicalJson } from '../../core/graph/canonical-json.ts';
import { configOf } from '../../core/graph/config.ts';
import { resolveInputs } from '../../core/graph/inputs.ts';
import type { ResolvedEdge } from '../../core/graph/structure.ts';
import { handlesOf } from '../../core/node-type/handles.ts';
import { probedNodes } from '../probe-node.ts';
import { checkCall } from './check-call.ts';
import { checkLoop } from './check-loop.ts';
import { checkRegion } from './check-region.ts';
import { isExcused } from './excused.ts';
import { failsWith, wrongOutput } from './expected-outputs.ts';
import { isTakenOver, type HistoryNode, type HistoryRun } from './history.ts';
import type { CheckedScope, Evidence, Scope, ScopeView } from './scope.ts';

/** Works out anew what must have come of every node, of every part of it, and of theirs. */
export function checkScope(scope: Scope, evidence: Evidence, complainOfRun: (problem: string) => void): CheckedScope {
  const { structure, nodeIds, regions, run, outside } = scope;
  const complain = (problem: string) => complainOfRun(`${scope.name}${problem}`);
  const own = new Set(nodeIds);
  const rows = new Map(run.nodes.map((node) => [node.nodeId, node]));
  const repeated = new Set(regions.flatMap(({ nodes }) => nodes));
  const loopEnds = new Set(regions.flatMap(({ loop }) => (loop === undefined ? [] : [loop.end])));
  const view: ScopeView = {
    ...scope,
    rows,
    valueOf: (edge) => {
      if (!own.has(edge.source)) return outside(edge);
      const outputs = rows.get(edge.source)?.outputs ?? {};
      return Object.hasOwn(outputs, edge.sourceHandle) ? outputs[edge.sourceHandle]! : undefined;
    },
    // What stands for parts fails as a whole: only failures within its parts are handled. Where a loop fails, its end does.
    handling: new Set(
      structure.edges.flatMap(({ source, sourceHandle }) =>
        sourceHandle === 'error' && (!repeated.has(source) || loopEnds.has(source)) ? [source] : [],
      ),
    ),
    evidence,
    complain,
  };
  if (rows.size !== own.size) complain(`${rows.size} executions of ${own.size} nodes`);
  const [startedAt, endedAt] = [firstOf(run, 'RUNNING'), firstOf(run, 'COMPLETED', 'FAILED', 'SKIPPED')];
  const taken = new Set(run.nodes.filter((node) => isTakenOver(run, node)).map(({ nodeId }) => nodeId));
  let excusedNodes = 0;
  const drivers = new Map(regions.map((region) => [region.driver, region]));
  for (const id of nodeIds) {
    const node = rows.get(id);
    if (node === undefined) {
      complain(`${id}: has no execution`);
      continue;
    }
    const region = drivers.get(id);
    if (repeated.has(id) && region === undefined) continue;
    const members = new Set(region?.nodes ?? [id]);
    for (const member of members) {
      for (const { source } of structure.incoming.get(member)!) {
        const started = startedAt.get(id);
        const ended = endedAt.get(source);
        if (!own.has(source) || members.has(source) || started === undefined || taken.has(source)) continue;
        if (ended === undefined || ended > started) complain(`${id}: started before ${source} was settled`);
      }
    }
    if (taken.has(id)) {
      // Its parts are those of the part that failed.
      const before = evidence.history.get(run.retryOf!)?.nodes.find(({ nodeId }) => nodeId === id);
      const isSame = before?.status === node.status && canonicalJson(before.outputs) === canonicalJson(node.outputs);
      if (node.status === 'COMPLETED' && !isSame) complain(`${id}: is not what it was in the part that failed`);
      if (region !== undefined || structure.nodes.get(id)!.type === 'callWorkflow') continue;
    }
    if (region === undefined) excusedNodes += checkNode(view, node);
    else if (region.loop === undefined) excusedNodes += checkRegion(view, region, checkScope);
    else excusedNodes += checkLoop(view, { ...region, loop: region.loop }, checkScope);
  }
  const isFailed = run.nodes.some(({ nodeId, status }) => status === 'FAILED' && !view.handling.has(nodeId));
  return { isFailed, excusedNodes };
}

/** Returns how many nodes faults brought down. */
function checkNode(view: ScopeView, node: HistoryNode): number {
  const { structure, complain, valueOf, handling, run, isCancelled } = view;
  const { id, type, data } = structure.nodes.get(node.nodeId)!;
  const incoming = structure.incoming.get(id)!;
  const definition = probedNodes.catalogue.get(type)!;
  const reach = reachOf(view, incoming);
  const inputs = resolveInputs(
    handlesOf(definition, configOf(structure.configs, definition, structure.nodes.get(id)!)),
    incoming,
    (_source, edge) => {
      const value = valueOf(edge);
      return value === undefined ? undefined : { [edge.sourceHandle]: value };
    },
  );
  const call = type === 'callWorkflow' ? checkCall(view, node, inputs, checkScope) : null;
  const isToFail = reach === 'runs' && (call?.isFailed ?? failsWith(type, data, inputs));
  const expected = reach !== 'runs' ? 'SKIPPED' : isToFail ? 'FAILED' : 'COMPLETED';
  if (node.status === 'SKIPPED' && (node.errorCode === null) !== (reach === 'untaken')) {
    complain(`${id}: SKIPPED for the wrong reason (${node.errorCode})`);
  }
  if (node.status === 'FAILED' && (node.outputs !== null) !== handling.has(id)) {
    complain(`${id}: its error was ${node.outputs === null ? 'not ' : ''}handed on`);
  }
  let excused = call?.excusedNodes ?? 0;
  if (isExcused(node, expected, run)) excused += 1;
  else if (!isCancelled && node.status !== expected) {
    complain(`${id}: ${node.status} (${node.errorCode}) and not ${expected}`);
  }
  if (node.status !== 'COMPLETED') return excused;
  if (canonicalJson(node.inputs) !== canonicalJson(inputs)) complain(`${id}: its inputs are not what came in`);
  const wrong =
    call === null
      ? wrongOutput({ type, id, data, inputs, outputs: node.outputs, answer: answerOf(view, id) })
      : canonicalJson(node.outputs) === canonicalJson(call.outputs)
        ? null
        : 'other results than the called workflow gave';
  if (wrong !== null) complain(`${id}: ${wrong}`);
  return excused;
}

function answerOf({ evidence, run }: ScopeView, nodeId: string): string | undefined {
  return evidence.answers.get(`${run.id} ${nodeId}`);
}

/** Whether a node is to run, as far as what comes in says: all of its inputs need a value once they are connected. */
function reachOf(
  { nodeIds, rows, valueOf }: ScopeView,
  incoming: readonly ResolvedEdge[],
): 'runs' | 'untaken' | 'lost' {
  const isSettled = ({ source }: ResolvedEdge) => {
    if (!nodeIds.includes(source)) return true;
    const node = rows.get(source);
    return node !== undefined && (node.outputs !== null || (node.status === 'SKIPPED' && node.errorCode === null));
  };
  if (!incoming.every(isSettled)) return 'lost';
  const isMet = (handle: string) =>
    incoming.some((edge) => edge.targetHandle === handle && valueOf(edge) !== undefined);
  return incoming.every(({ targetHandle }) => isMet(targetHandle)) ? 'runs' : 'untaken';
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
