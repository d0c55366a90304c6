import { findRegions } from '../../core/graph/regions.ts';
import { structureOf } from '../../core/graph/structure.ts';
import { isNodeFinished, isRunFinished, type NodeExecutionStatus, type RunStatus } from '../../core/run/status.ts';
import { probedNodes } from '../probe-node.ts';
import { checkScope } from './check-scope.ts';
import { isTakenOver, type HistoryRun } from './history.ts';
import type { AcceptedRun } from './load.ts';
import type { Evidence } from './scope.ts';

export interface CheckedRun {
  readonly problems: readonly string[];
  /** Nodes that faults brought down. */
  readonly excusedNodes: number;
}

/** Holds what is stored of a run, of its parts and of theirs against its graph. */
export function checkRun(accepted: AcceptedRun, run: HistoryRun | undefined, evidence: Evidence): CheckedRun {
  if (run === undefined) return { problems: ['lost: it was accepted and is not there'], excusedNodes: 0 };
  const problems: string[] = [];
  const complain = (problem: string) => void problems.push(problem);
  checkHistory(run, '', evidence, complain);
  const { graph, cancel } = accepted;
  const structure = structureOf(graph, probedNodes.catalogue);
  const scope = {
    structure,
    nodeIds: structure.order.order,
    regions: findRegions(structure, probedNodes.catalogue),
    run,
    outside: () => undefined,
    isCancelled: run.status === 'CANCELLED',
    name: '',
  };
  const { isFailed, excusedNodes } = checkScope(scope, evidence, complain);
  const expected = isFailed ? 'FAILED' : 'COMPLETED';
  if (cancel === 'confirmed' && run.status !== 'CANCELLED') complain(`cancelled, and ${run.status} all the same`);
  if (cancel === 'none' && run.status === 'CANCELLED') complain('cancelled by nobody');
  if (run.status !== 'CANCELLED' && run.status !== expected) complain(`${run.status} and not ${expected}`);
  return { problems, excusedNodes };
}

/** What has to hold whatever the graph is, of a run and of all parts in it. */
function checkHistory(
  run: HistoryRun,
  name: string,
  evidence: Evidence,
  complainOfRun: (problem: string) => void,
): void {
  const complain = (problem: string) => complainOfRun(`${name}${problem}`);
  if (!isRunFinished(run.status as RunStatus)) complain(`stuck in ${run.status}`);
  checkEvents(run, complain);
  checkCommits(run, complain);
  for (const { id, nodeId, attempt } of run.nodes) {
    const calls = evidence.callsOf(id);
    // The provider refuses some first calls, which makes an attempt of its own.
    if (calls > attempt) complain(`${nodeId}: ${calls} calls in ${attempt} attempts`);
    for (const part of evidence.parts.get(id) ?? []) {
      checkHistory(part, `${name}${nodeId}[${part.index}] `, evidence, complainOfRun);
    }
  }
}

function checkEvents(run: HistoryRun, complain: (problem: string) => void): void {
  const numbers = run.events.map((event) => event.seq);
  if (numbers.some((seq, index) => seq !== index + 1)) complain(`events with gaps: ${numbers.join(' ')}`);
  if (numbers.length !== run.lastSeq) complain(`${numbers.length} events, and the last has the number ${run.lastSeq}`);
  const ends = run.events.filter((event) => event.type === 'run.updated' && isRunFinished(event.status as RunStatus));
  if (!isRunFinished(run.status as RunStatus) || run.isStandIn) return;
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
    if (isTakenOver(run, node)) continue;
    if (isNodeFinished(node.status as NodeExecutionStatus) !== finishedAs.has(node.nodeId)) {
      complain(`${node.nodeId}: ${node.status}, and its events say otherwise`);
    }
  }
}
