import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { arbitraryBranchingGraph, switchOutputs } from '../../testing/branching-graphs.ts';
import { expectEqual } from '../../testing/expect-equal.ts';
import { sha256 } from '../../testing/graphs.ts';
import { planBranches } from '../graph/branches.ts';
import type { Graph } from '../graph/graph.ts';
import { planRun } from '../graph/plan.ts';
import { structureOf } from '../graph/structure.ts';
import { decide, maxCrashes, type NodeState, type RunCommand, type RunEventInput, type RunState } from './decide.ts';
import {
  isNodeFinished,
  isRunFinished,
  runStatuses,
  skipReasons,
  type NodeExecutionStatus,
  type RunStatus,
  type SkipReason,
} from './status.ts';

/** The state of a run that was just planned. */
function plannedRun(graph: Graph): RunState {
  const request = { graph, catalogue: nodeCatalogue, mode: 'all', nodeIds: [], hash: sha256 } as const;
  const structure = structureOf(graph, nodeCatalogue);
  const plan = planRun({ ...request, structure, defaultTimeoutMs: 1_000 });
  const { nodes } = planBranches(plan, structure, nodeCatalogue, new Map());
  return {
    status: 'PENDING',
    nodes: new Map(
      nodes.map(({ nodeId, pendingDependencies, dependents, edges, handlesError }): [string, NodeState] => [
        nodeId,
        {
          status: 'PENDING',
          attempt: 1,
          crashCount: 0,
          pendingDependencies,
          dependents,
          ...(edges === undefined ? {} : { edges }),
          ...(handlesError === undefined ? {} : { handlesError }),
        },
      ]),
    ),
  };
}

/**
 * What is known of a run in the plainest form: facts about single nodes. Every
 * status is worked out anew from the edges, without counters or propagation.
 */
class Model {
  readonly #dependencies: ReadonlyMap<string, readonly string[]>;
  readonly #graph: Graph;
  readonly #types: ReadonlyMap<string, string>;
  begun = false;
  ended: 'CANCELLED' | 'FAILED' | null = null;
  readonly outcomes = new Map<string, 'COMPLETED' | 'FAILED'>();
  /** What a completed node gave, where that was not all it has. */
  readonly given = new Map<string, readonly string[]>();
  readonly running = new Set<string>();
  readonly waiting = new Set<string>();
  readonly attempts = new Map<string, number>();
  readonly crashes = new Map<string, number>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#types = new Map(graph.nodes.map(({ id, type }) => [id, type]));
    this.#dependencies = new Map(
      graph.nodes.map(({ id }) => [id, graph.edges.filter(({ target }) => target === id).map(({ source }) => source)]),
    );
  }

  get ids(): string[] {
    return [...this.#dependencies.keys()];
  }

  factsOf(id: string): ReturnType<typeof factsOf> {
    const open = new Set(this.#dependencies.get(id)!.filter((dependency) => !this.#isSettled(dependency)));
    const status = this.statusOf(id);
    return {
      id,
      status,
      attempt: this.attempts.get(id) ?? 1,
      crashCount: this.crashes.get(id) ?? 0,
      waitsFor: status === 'PENDING' ? open.size : 0,
      skipReason: status === 'SKIPPED' ? (this.#skipReasonOf(id) ?? undefined) : undefined,
    };
  }

  statusOf(id: string): NodeExecutionStatus {
    const outcome = this.outcomes.get(id);
    if (outcome !== undefined) return outcome;
    if (this.#skipReasonOf(id) !== null) return 'SKIPPED';
    if (this.ended !== null) return 'CANCELLED';
    if (!this.begun || !this.#dependencies.get(id)!.every((dependency) => this.#isSettled(dependency)))
      return 'PENDING';
    return this.waiting.has(id) ? 'WAITING' : this.running.has(id) ? 'RUNNING' : 'QUEUED';
  }

  isSwitch(id: string): boolean {
    return this.#types.get(id) === 'switch';
  }

  handles(id: string): boolean {
    return this.#graph.edges.some(({ source, sourceHandle }) => source === id && sourceHandle === 'error');
  }

  #skipReasonOf(id: string): SkipReason | null {
    if (this.outcomes.has(id)) return null;
    const dependencies = this.#dependencies.get(id)!;
    const isLost = (dependency: string) =>
      (this.outcomes.get(dependency) === 'FAILED' && !this.handles(dependency)) ||
      this.#skipReasonOf(dependency) === 'failed';
    if (dependencies.some(isLost)) return 'failed';
    if (!dependencies.every((dependency) => this.#isSettled(dependency))) return null;
    const incoming = this.#graph.edges.filter(({ target }) => target === id);
    const needed = new Set(
      incoming.map(({ targetHandle }) => targetHandle).filter((handle) => handle !== 'system_prompt'),
    );
    const isMet = (handle: string | null | undefined) =>
      incoming.some((edge) => edge.targetHandle === handle && this.#isLive(edge.source, edge.sourceHandle!));
    return [...needed].every(isMet) ? null : 'branch';
  }

  /** Whether it is known of every edge from a node what came over it. */
  #isSettled(id: string): boolean {
    const outcome = this.outcomes.get(id);
    if (outcome === undefined) return this.#skipReasonOf(id) === 'branch';
    return outcome === 'COMPLETED' || this.handles(id);
  }

  #isLive(source: string, output: string): boolean {
    const outcome = this.outcomes.get(source);
    if (output === 'error' || outcome !== 'COMPLETED') return output === 'error' && outcome === 'FAILED';
    return this.given.get(source)?.includes(output) ?? true;
  }

  runStatus(): RunStatus {
    if (this.ended !== null) return this.ended;
    const statuses = this.ids.map((id) => this.statusOf(id));
    const isLost = this.ids.some((id) => this.outcomes.get(id) === 'FAILED' && !this.handles(id));
    if (statuses.every(isNodeFinished)) return isLost ? 'FAILED' : 'COMPLETED';
    return this.begun ? 'RUNNING' : 'PENDING';
  }

  apply(event: RunEventInput): void {
    if (isRunFinished(this.runStatus())) return;
    if (event.type === 'begin') this.begun = true;
    else if (event.type === 'cancel') this.ended = 'CANCELLED';
    else if (event.type === 'expire') this.ended = 'FAILED';
    else this.#applyToNode(event);
  }

  #applyToNode(event: Extract<RunEventInput, { nodeId: string }>): void {
    const { nodeId } = event;
    const attempt = this.attempts.get(nodeId) ?? 1;
    if (event.attempt !== attempt || this.statusOf(nodeId) !== (statusFor[event.type] ?? 'RUNNING')) return;
    if (event.type === 'claim') {
      this.running.add(nodeId);
      return;
    }
    this.running.delete(nodeId);
    this.waiting.delete(nodeId);
    if (event.type === 'suspend') {
      this.waiting.add(nodeId);
      return;
    }
    if (event.type === 'resolve') {
      if (event.fails) this.outcomes.set(nodeId, 'FAILED');
      else this.#complete(nodeId, [], event.outputs);
      return;
    }
    if (event.type === 'rescue' && event.countsAsCrash) this.crashes.set(nodeId, (this.crashes.get(nodeId) ?? 0) + 1);
    const isPoison = event.type === 'rescue' && (this.crashes.get(nodeId) ?? 0) >= maxCrashes;
    if (event.type === 'complete') this.#complete(nodeId, event.continuations, event.outputs);
    else if (event.type === 'fail' || isPoison) this.outcomes.set(nodeId, 'FAILED');
    else this.attempts.set(nodeId, attempt + 1);
  }

  #complete(nodeId: string, continuations: readonly string[], outputs: readonly string[] | undefined): void {
    const before = new Map(this.ids.map((id) => [id, this.statusOf(id)]));
    this.outcomes.set(nodeId, 'COMPLETED');
    if (outputs !== undefined) this.given.set(nodeId, outputs);
    // Also behind what is skipped by it.
    for (const id of continuations) {
      if (before.get(id) === 'PENDING' && this.statusOf(id) === 'QUEUED') this.running.add(id);
    }
  }
}

/** Where a node has to be for an event to concern it; for all others it is RUNNING. */
const statusFor: Readonly<Partial<Record<RunEventInput['type'], NodeExecutionStatus>>> = {
  claim: 'QUEUED',
  resume: 'WAITING',
  resolve: 'WAITING',
};

/** What the model has a say in; the counter means nothing once a node is past waiting. */
function factsOf(id: string, { status, attempt, crashCount, pendingDependencies, skipReason }: NodeState) {
  return { id, status, attempt, crashCount, waitsFor: status === 'PENDING' ? pendingDependencies : 0, skipReason };
}

interface Real {
  state: RunState;
}

/** The moves of a node; every other pair of statuses is an error. */
const nodeMoves = new Set([
  'PENDING>QUEUED',
  'PENDING>RUNNING',
  'PENDING>SKIPPED',
  'PENDING>CANCELLED',
  'QUEUED>RUNNING',
  'QUEUED>CANCELLED',
  'RUNNING>QUEUED',
  'RUNNING>WAITING',
  'WAITING>QUEUED',
  'WAITING>COMPLETED',
  'WAITING>FAILED',
  'WAITING>CANCELLED',
  'RUNNING>COMPLETED',
  'RUNNING>FAILED',
  'RUNNING>CANCELLED',
]);

class EventCommand implements fc.Command<Model, Real> {
  readonly #describe: (model: Model) => RunEventInput;
  #event: RunEventInput | null = null;

  constructor(describe: (model: Model) => RunEventInput) {
    this.#describe = describe;
  }

  /** Every event may come at any moment. */
  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    const event = this.#describe(model);
    this.#event = event;
    const before = real.state;
    const wasFinished = isRunFinished(model.runStatus());
    model.apply(event);
    const { state, commands } = decide(before, event);
    real.state = state;

    expectEqual(
      { status: state.status, nodes: [...state.nodes].map(([id, node]) => factsOf(id, node)) },
      { status: model.runStatus(), nodes: [...state.nodes.keys()].map((id) => model.factsOf(id)) },
    );
    const moves = [...state.nodes].map(([id, { status }]) => `${before.nodes.get(id)!.status}>${status}`);
    const wrongMoves = moves.filter((move) => !nodeMoves.has(move) && !/^(\w+)>\1$/.test(move));
    expectEqual(wrongMoves, []);
    expectEqual(
      isRunFinished(state.status),
      [...state.nodes.values()].every(({ status }) => isNodeFinished(status)),
    );
    if (wasFinished && state !== before) expect(state).toBe(before);
    expectNoOpenEdges(state);
    expectCommands(before, state, commands);
  }

  toString(): string {
    return JSON.stringify(this.#event);
  }
}

/** A node that has decided knows of each edge into it whether a value came over it. */
function expectNoOpenEdges(state: RunState): void {
  const undecided = ['PENDING', 'CANCELLED'];
  const open = [...state.nodes].filter(
    ([, { status, skipReason, edges = [] }]) =>
      !undecided.includes(status) && skipReason !== 'failed' && edges.some((edge) => edge.state === undefined),
  );
  expectEqual(open, []);
}

/** The commands are the difference of the two states: nothing is left out and nothing said twice. */
function expectCommands(before: RunState, after: RunState, commands: readonly RunCommand[]): void {
  const enqueued = [...after.nodes].flatMap(([nodeId, { status, attempt }]) => {
    const isNew = status === 'QUEUED' && before.nodes.get(nodeId)!.status !== 'QUEUED';
    return isNew ? [{ type: 'enqueue', nodeId, attempt }] : [];
  });
  const stopped = [...after.nodes.keys()].filter(
    (id) => before.nodes.get(id)!.status === 'RUNNING' && after.nodes.get(id)!.status === 'CANCELLED',
  );
  const finished = before.status !== after.status && isRunFinished(after.status);
  const byNode = (left: object, right: object) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1);
  const due = [
    ...enqueued,
    ...(stopped.length > 0 ? [{ type: 'stop', nodeIds: stopped }] : []),
    ...(finished ? [{ type: 'finish', status: after.status }] : []),
  ];
  expectEqual(commands.toSorted(byNode), due.toSorted(byNode));
}

/** An event about some node: mostly of its present attempt, at times of one before or after it. */
function nodeEvent(type: Exclude<RunEventInput['type'], 'begin' | 'cancel' | 'expire'>) {
  const lag = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1) });
  return fc.tuple(fc.nat(), lag, fc.boolean()).map(
    ([pick, off, countsAsCrash]) =>
      new EventCommand((model) => {
        // Nodes that can move come up more often than the others.
        const active = model.ids.filter((id) => ['QUEUED', 'RUNNING', 'WAITING'].includes(model.statusOf(id)));
        const ids = active.length > 0 && pick % 4 !== 0 ? active : model.ids;
        const nodeId = ids[pick % ids.length]!;
        const attempt = (model.attempts.get(nodeId) ?? 1) + off;
        if (type === 'rescue') return { type, nodeId, attempt, countsAsCrash };
        // Half of the completions go on with whatever the draw names, ready or not.
        const outputs = model.isSwitch(nodeId) ? { outputs: [switchOutputs[pick % 3]!] } : {};
        if (type === 'resolve') return { type, nodeId, attempt, fails: pick % 5 === 0, ...outputs };
        if (type === 'complete')
          return { type, nodeId, attempt, continuations: countsAsCrash ? model.ids : [], ...outputs };
        return { type, nodeId, attempt };
      }),
  );
}

const whole = (type: 'begin' | 'cancel' | 'expire') => new EventCommand(() => ({ type }));

type Corner = RunStatus | SkipReason | 'handled' | 'waiting';

describe('the rules of a run', () => {
  test('hold in any order of events, also of events that are late, repeated or made up', () => {
    const seen = new Map<Corner, number>();
    const often = Array.from({ length: 6 }, () => nodeEvent('claim'));
    const events = fc.commands(
      [
        ...often,
        ...often.map(() => nodeEvent('complete')),
        nodeEvent('fail'),
        nodeEvent('fail'),
        nodeEvent('fail'),
        nodeEvent('retry'),
        nodeEvent('rescue'),
        nodeEvent('suspend'),
        nodeEvent('suspend'),
        nodeEvent('resume'),
        nodeEvent('resolve'),
        nodeEvent('resolve'),
        fc.constant(whole('begin')),
        fc.integer({ min: 0, max: 15 }).map((draw) => whole(draw === 0 ? 'cancel' : draw === 1 ? 'expire' : 'begin')),
      ],
      { maxCommands: 60, size: 'max' },
    );
    fc.assert(
      fc.property(arbitraryBranchingGraph({ maxNodes: 6 }), events, (graph, commands) => {
        const real: Real = { state: plannedRun(graph) };
        fc.modelRun(() => ({ model: new Model(graph), real }), commands);
        const count = (what: Corner) => seen.set(what, (seen.get(what) ?? 0) + 1);
        count(real.state.status);
        for (const { status, skipReason, handlesError } of real.state.nodes.values()) {
          if (skipReason !== undefined) count(skipReason);
          if (status === 'FAILED' && handlesError === true) count('handled');
          if (status === 'WAITING') count('waiting');
        }
      }),
      { numRuns: 700 },
    );
    // The test has been in every corner, else it has shown nothing.
    for (const status of [...runStatuses, ...skipReasons, 'handled', 'waiting'] as const) {
      expect([status, (seen.get(status) ?? 0) > 5]).toEqual([status, true]);
    }
  });

  test('give the same end whatever the order in which the same results come in', () => {
    const schedules = fc.record({
      graph: arbitraryBranchingGraph({ maxNodes: 12 }),
      bad: fc.array(fc.nat(), { maxLength: 2 }),
      first: fc.infiniteStream(fc.nat()),
      second: fc.infiniteStream(fc.nat()),
    });
    fc.assert(
      fc.property(schedules, ({ graph, bad, first, second }) => {
        const ids = graph.nodes.map(({ id }) => id);
        const failing = new Set(bad.map((pick) => ids[pick % ids.length]!));
        // Which way a switch takes is its own affair, whatever the order.
        const switches = new Map(
          graph.nodes.flatMap(({ id, type }, index) => (type === 'switch' ? [[id, switchOutputs[index % 3]!]] : [])),
        );
        const [one, other] = [first, second].map((draws) => workOff(plannedRun(graph), { failing, switches }, draws));
        expect(one).toEqual(other);
        expect(isRunFinished(one!.status)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** Works a run off in the order that `draws` picks; attempts are left out of the result, for retries are drawn too. */
function workOff(
  planned: RunState,
  { failing, switches }: { failing: ReadonlySet<string>; switches: ReadonlyMap<string, string> },
  draws: Iterator<number>,
) {
  let state = decide(planned, { type: 'begin' }).state;
  const draw = (below: number) => (draws.next().value as number) % below;
  while (!isRunFinished(state.status)) {
    const active = [...state.nodes].filter(([, { status }]) => ['QUEUED', 'RUNNING', 'WAITING'].includes(status));
    const [nodeId, node] = active[draw(active.length)]!;
    const event = { nodeId, attempt: node.attempt };
    const end = draw(5) === 0 ? 'retry' : draw(4) === 0 ? 'suspend' : failing.has(nodeId) ? 'fail' : 'complete';
    const type = node.status === 'QUEUED' ? 'claim' : end;
    if (node.status === 'WAITING') {
      const given = switches.get(nodeId);
      const resolved = { fails: failing.has(nodeId), ...(given === undefined ? {} : { outputs: [given] }) };
      state = decide(
        state,
        draw(3) === 0 ? { ...event, type: 'resume' } : { ...event, type: 'resolve', ...resolved },
      ).state;
      continue;
    }
    const continuations = type === 'complete' ? node.dependents.slice(0, draw(2)) : [];
    const taken = switches.get(nodeId);
    const outputs = taken === undefined ? {} : { outputs: [taken] };
    state = decide(
      state,
      type === 'complete' ? { ...event, type, continuations, ...outputs } : { ...event, type },
    ).state;
  }
  // A node that a failure took never decided: which of its edges were known by then is a matter of time.
  const nodes = [...state.nodes].map(
    ([id, { status, skipReason, edges }]) =>
      [id, { status, skipReason, edges: skipReason === 'failed' ? null : edges }] as const,
  );
  return { status: state.status, nodes: new Map(nodes) };
}
