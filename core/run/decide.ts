import { countOpenSources, errorOutputId, judgeEdges, settleEdges, type RunEdge } from './edges.ts';
import { isNodeFinished, isRunFinished, type NodeExecutionStatus, type RunStatus, type SkipReason } from './status.ts';

/*
 * The specification that the SQL in db/ is held to: the rules of a run, as a pure function that no program calls. A rule is
 * written here first, then in SQL; model tests and the triggers of the database hold the two together.
 *
 * run:  PENDING -> RUNNING -> COMPLETED | FAILED | CANCELLED
 * node: PENDING -> QUEUED -> RUNNING -> COMPLETED | FAILED
 *       PENDING -> RUNNING          the worker that made it ready goes on with it
 *       PENDING -> SKIPPED          a dependency failed (reason `failed`), or its branch was not taken (`branch`)
 *       RUNNING -> QUEUED           retry or rescue, attempt + 1
 *       RUNNING -> WAITING          for a person, a moment or somebody else's work; nobody holds it
 *       WAITING -> QUEUED           it works on, attempt + 1
 *       WAITING -> COMPLETED | FAILED   what it waited for is its end; the first to say so wins
 *       any unfinished -> CANCELLED the run was cancelled or ran out of time
 *
 * Every event about an attempt carries its number, the fencing token: an event
 * of an older attempt changes nothing. Finished states are final. A run is
 * finished exactly when all of its nodes are.
 *
 * Edges of branches are open, live or dead (edges.ts). A node decides when none into it is open: it runs, or it is skipped,
 * and what leaves it is dead. A failure whose error output leads on is handled: that output is live, the others are dead,
 * and the run can complete.
 */

/** A node of a run. `pendingDependencies` counts those not yet settled; `attempt` is the fencing token. */
export interface NodeState {
  readonly status: NodeExecutionStatus;
  readonly attempt: number;
  readonly crashCount: number;
  readonly pendingDependencies: number;
  readonly dependents: readonly string[];
  /** The edges into it, where one may turn out dead. */
  readonly edges?: readonly RunEdge[];
  /** Its error output leads on. */
  readonly handlesError?: boolean;
  /** Where it is SKIPPED. */
  readonly skipReason?: SkipReason;
}

/** A whole run; replaced at each event, never mutated. */
export interface RunState {
  readonly status: RunStatus;
  /** By node id. A map, because a node may well be called `constructor`. */
  readonly nodes: ReadonlyMap<string, NodeState>;
}

/** What can happen to a run. */
export type RunEventInput =
  | { readonly type: 'begin' }
  | {
      readonly type: 'claim' | 'fail' | 'retry' | 'suspend' | 'resume';
      readonly nodeId: string;
      readonly attempt: number;
    }
  | {
      /** What a WAITING node waited for has come, or was given up. */
      readonly type: 'resolve';
      readonly nodeId: string;
      readonly attempt: number;
      readonly fails: boolean;
      /** The outputs that it gave; default: all it has. */
      readonly outputs?: readonly string[];
    }
  | {
      readonly type: 'complete';
      readonly nodeId: string;
      readonly attempt: number;
      /** Nodes that the worker claims in the same step where they become ready by it. */
      readonly continuations: readonly string[];
      /** The outputs that it gave; default: all it has. */
      readonly outputs?: readonly string[];
    }
  | {
      readonly type: 'rescue';
      readonly nodeId: string;
      readonly attempt: number;
      /** False while many workers vanish at once: that is an outage, not a poison node. */
      readonly countsAsCrash: boolean;
    }
  | { readonly type: 'cancel' }
  | { readonly type: 'expire' };

/** What has to be done in the outside world after an event. */
export type RunCommand =
  | { readonly type: 'enqueue'; readonly nodeId: string; readonly attempt: number }
  | { readonly type: 'stop'; readonly nodeIds: readonly string[] }
  | { readonly type: 'finish'; readonly status: RunStatus };

/** The state after an event, and what follows from it. */
export interface Decision {
  readonly state: RunState;
  readonly commands: readonly RunCommand[];
}

/** Three deaths of workers on one node are no coincidence any more. */
export const maxCrashes = 3;
/** How an attempt ended was not recorded so often: each further one would be paid for and come to nothing again. */
export const maxUnrecorded = 3;

/** What `event` makes of `state`. An event that does not fit gives the same state and no commands. */
export function decide(state: RunState, event: RunEventInput): Decision {
  if (isRunFinished(state.status)) return { state, commands: [] };
  switch (event.type) {
    case 'begin':
      return begin(state);
    case 'claim':
      return withNode(state, event, 'QUEUED', (node) =>
        state.status === 'RUNNING' ? settle(state, new Map([[event.nodeId, { ...node, status: 'RUNNING' }]])) : null,
      );
    case 'complete':
      return withNode(state, event, 'RUNNING', (node) => complete(state, event, node));
    case 'fail':
      return withNode(state, event, 'RUNNING', (node) => fail(state, event.nodeId, node));
    case 'retry':
      return withNode(state, event, 'RUNNING', (node) => requeue(state, event.nodeId, node, node.crashCount));
    case 'suspend':
      return withNode(state, event, 'RUNNING', (node) =>
        settle(state, new Map([[event.nodeId, { ...node, status: 'WAITING' }]])),
      );
    case 'resume':
      return withNode(state, event, 'WAITING', (node) => requeue(state, event.nodeId, node, node.crashCount));
    case 'resolve':
      return withNode(state, event, 'WAITING', (node) =>
        event.fails ? fail(state, event.nodeId, node) : complete(state, { ...event, continuations: [] }, node),
      );
    case 'rescue':
      return withNode(state, event, 'RUNNING', (node) => {
        const crashCount = node.crashCount + (event.countsAsCrash ? 1 : 0);
        return crashCount >= maxCrashes
          ? fail(state, event.nodeId, { ...node, crashCount })
          : requeue(state, event.nodeId, node, crashCount);
      });
    case 'cancel':
      return end(state, 'CANCELLED');
    case 'expire':
      return end(state, 'FAILED');
  }
}

function begin(state: RunState): Decision {
  if (state.status !== 'PENDING') return { state, commands: [] };
  const ready = new Map<string, NodeState>();
  for (const [id, node] of state.nodes) {
    if (node.status === 'PENDING' && node.pendingDependencies === 0) ready.set(id, { ...node, status: 'QUEUED' });
  }
  return settle({ ...state, status: 'RUNNING' }, ready, enqueueAll(ready));
}

function complete(
  state: RunState,
  { nodeId, continuations, outputs }: Omit<Extract<RunEventInput, { type: 'complete' }>, 'type'>,
  node: NodeState,
): Decision {
  const changes = new Map<string, NodeState>([[nodeId, { ...node, status: 'COMPLETED' }]]);
  return settleSource(state, changes, {
    nodeId,
    isGiven: (output) => output !== errorOutputId && (outputs?.includes(output) ?? true),
    continuations,
  });
}

interface SettledSource {
  readonly nodeId: string;
  readonly isGiven: (output: string) => boolean;
  readonly continuations: readonly string[];
}

/** What a settled node makes of its dependents, and those of their dependents that are skipped by it. */
function settleSource(state: RunState, changes: Map<string, NodeState>, settled: SettledSource): Decision {
  const ready = new Map<string, NodeState>();
  const sources: Omit<SettledSource, 'continuations'>[] = [settled];
  for (let source = sources.pop(); source !== undefined; source = sources.pop()) {
    for (const id of (changes.get(source.nodeId) ?? state.nodes.get(source.nodeId)!).dependents) {
      const before = changes.get(id) ?? state.nodes.get(id)!;
      if (before.status !== 'PENDING') continue;
      const { verdict, ...after } = afterSource(before, source);
      if (verdict === 'skip') {
        changes.set(id, { ...before, ...after, status: 'SKIPPED', skipReason: 'branch' });
        sources.push({ nodeId: id, isGiven: () => false });
        continue;
      }
      const isContinued = verdict === 'run' && settled.continuations.includes(id);
      const status = isContinued ? 'RUNNING' : verdict === 'run' ? 'QUEUED' : 'PENDING';
      const changed: NodeState = { ...before, ...after, status };
      changes.set(id, changed);
      if (status === 'QUEUED') ready.set(id, changed);
    }
  }
  return settle(state, changes, enqueueAll(ready));
}

function afterSource(
  { edges, pendingDependencies }: NodeState,
  { nodeId, isGiven }: Omit<SettledSource, 'continuations'>,
): Pick<NodeState, 'edges' | 'pendingDependencies'> & { verdict: ReturnType<typeof judgeEdges> } {
  if (edges === undefined) {
    const left = pendingDependencies - 1;
    return { pendingDependencies: left, verdict: left === 0 ? 'run' : 'wait' };
  }
  const settled = settleEdges(edges, nodeId, isGiven);
  return { edges: settled, pendingDependencies: countOpenSources(settled), verdict: judgeEdges(settled) };
}

function fail(state: RunState, nodeId: string, node: NodeState): Decision {
  const changes = new Map<string, NodeState>([[nodeId, { ...node, status: 'FAILED' }]]);
  if (node.handlesError === true) {
    return settleSource(state, changes, { nodeId, isGiven: (output) => output === errorOutputId, continuations: [] });
  }
  const reached = [...node.dependents];
  for (let id = reached.pop(); id !== undefined; id = reached.pop()) {
    const dependent = state.nodes.get(id)!;
    if (changes.has(id) || dependent.status !== 'PENDING') continue;
    changes.set(id, { ...dependent, status: 'SKIPPED', skipReason: 'failed' });
    for (const next of dependent.dependents) reached.push(next);
  }
  return settle(state, changes);
}

function requeue(state: RunState, nodeId: string, node: NodeState, crashCount: number): Decision {
  const attempt = node.attempt + 1;
  return settle(state, new Map([[nodeId, { ...node, status: 'QUEUED', attempt, crashCount }]]), [
    { type: 'enqueue', nodeId, attempt },
  ]);
}

function end(state: RunState, status: 'CANCELLED' | 'FAILED'): Decision {
  const nodes = new Map(state.nodes);
  const running: string[] = [];
  for (const [id, node] of state.nodes) {
    if (isNodeFinished(node.status)) continue;
    if (node.status === 'RUNNING') running.push(id);
    nodes.set(id, { ...node, status: 'CANCELLED' });
  }
  return {
    state: { status, nodes },
    commands: [
      ...(running.length > 0 ? [{ type: 'stop' as const, nodeIds: running }] : []),
      { type: 'finish' as const, status },
    ],
  };
}

/** Applies an event to the node it names, if it still is in `status` and in that attempt. */
function withNode(
  state: RunState,
  event: { readonly nodeId: string; readonly attempt: number },
  status: NodeExecutionStatus,
  apply: (node: NodeState) => Decision | null,
): Decision {
  const node = state.nodes.get(event.nodeId);
  const isCurrent = node !== undefined && node.status === status && node.attempt === event.attempt;
  return (isCurrent ? apply(node) : null) ?? { state, commands: [] };
}

/** Applies node changes and ends the run when nothing is left to do. */
function settle(
  state: RunState,
  changes: ReadonlyMap<string, NodeState>,
  commands: readonly RunCommand[] = [],
): Decision {
  const nodes = new Map([...state.nodes, ...changes]);
  const all = [...nodes.values()];
  if (!all.every((node) => isNodeFinished(node.status))) return { state: { ...state, nodes }, commands };
  const isFailed = all.some((node) => node.status === 'FAILED' && node.handlesError !== true);
  const status = isFailed ? 'FAILED' : 'COMPLETED';
  return { state: { status, nodes }, commands: [...commands, { type: 'finish', status }] };
}

function enqueueAll(nodes: ReadonlyMap<string, NodeState>): RunCommand[] {
  return [...nodes].map(([nodeId, node]) => ({ type: 'enqueue', nodeId, attempt: node.attempt }));
}
