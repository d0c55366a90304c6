import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { arbitraryGraph, sha256 } from '../../testing/graphs.ts';
import type { Graph } from '../graph/graph.ts';
import { planRun } from '../graph/plan.ts';
import { decide, maxCrashes, type NodeState, type RunCommand, type RunEventInput, type RunState } from './decide.ts';
import { isNodeFinished, isRunFinished, type NodeExecutionStatus, type RunStatus } from './status.ts';

/** The state of a run that was just planned. */
function plannedRun(graph: Graph): RunState {
  const request = { graph, catalogue: nodeCatalogue, mode: 'all', nodeIds: [], hash: sha256 } as const;
  const { nodes } = planRun({ ...request, defaultTimeoutMs: 1_000 });
  return {
    status: 'PENDING',
    nodes: new Map(
      nodes.map(({ nodeId, pendingDependencies, dependents }) => [
        nodeId,
        { status: 'PENDING', attempt: 1, crashCount: 0, pendingDependencies, dependents },
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
  begun = false;
  ended: 'CANCELLED' | 'FAILED' | null = null;
  readonly outcomes = new Map<string, 'COMPLETED' | 'FAILED'>();
  readonly running = new Set<string>();
  readonly attempts = new Map<string, number>();
  readonly crashes = new Map<string, number>();

  constructor(graph: Graph) {
    this.#dependencies = new Map(
      graph.nodes.map(({ id }) => [id, graph.edges.filter(({ target }) => target === id).map(({ source }) => source)]),
    );
  }

  get ids(): string[] {
    return [...this.#dependencies.keys()];
  }

  factsOf(id: string): ReturnType<typeof factsOf> {
    const open = this.#dependencies.get(id)!.filter((dependency) => this.outcomes.get(dependency) !== 'COMPLETED');
    const status = this.statusOf(id);
    return {
      id,
      status,
      attempt: this.attempts.get(id) ?? 1,
      crashCount: this.crashes.get(id) ?? 0,
      waitsFor: status === 'PENDING' ? open.length : 0,
    };
  }

  statusOf(id: string): NodeExecutionStatus {
    const outcome = this.outcomes.get(id);
    if (outcome !== undefined) return outcome;
    const before = this.#dependencies.get(id)!.map((dependency) => this.statusOf(dependency));
    if (before.some((status) => status === 'FAILED' || status === 'SKIPPED')) return 'SKIPPED';
    if (this.ended !== null) return 'CANCELLED';
    if (!this.begun || before.some((status) => status !== 'COMPLETED')) return 'PENDING';
    return this.running.has(id) ? 'RUNNING' : 'QUEUED';
  }

  runStatus(): RunStatus {
    if (this.ended !== null) return this.ended;
    const statuses = this.ids.map((id) => this.statusOf(id));
    if (statuses.every(isNodeFinished)) return statuses.includes('FAILED') ? 'FAILED' : 'COMPLETED';
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
    if (event.attempt !== attempt || this.statusOf(nodeId) !== (event.type === 'claim' ? 'QUEUED' : 'RUNNING')) return;
    if (event.type === 'claim') {
      this.running.add(nodeId);
      return;
    }
    this.running.delete(nodeId);
    if (event.type === 'rescue' && event.countsAsCrash) this.crashes.set(nodeId, (this.crashes.get(nodeId) ?? 0) + 1);
    const isPoison = event.type === 'rescue' && (this.crashes.get(nodeId) ?? 0) >= maxCrashes;
    if (event.type === 'complete') this.#complete(nodeId, event.continuations);
    else if (event.type === 'fail' || isPoison) this.outcomes.set(nodeId, 'FAILED');
    else this.attempts.set(nodeId, attempt + 1);
  }

  #complete(nodeId: string, continuations: readonly string[]): void {
    this.outcomes.set(nodeId, 'COMPLETED');
    for (const id of continuations) {
      const isDependent = this.#dependencies.get(id)!.includes(nodeId);
      if (isDependent && this.statusOf(id) === 'QUEUED') this.running.add(id);
    }
  }
}

/** What the model has a say in; the counter means nothing once a node is past waiting. */
function factsOf(id: string, { status, attempt, crashCount, pendingDependencies }: NodeState) {
  return { id, status, attempt, crashCount, waitsFor: status === 'PENDING' ? pendingDependencies : 0 };
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

    expect({ status: state.status, nodes: [...state.nodes].map(([id, node]) => factsOf(id, node)) }).toEqual({
      status: model.runStatus(),
      nodes: [...state.nodes.keys()].map((id) => model.factsOf(id)),
    });
    const moves = [...state.nodes].map(([id, { status }]) => `${before.nodes.get(id)!.status}>${status}`);
    expect(moves.filter((move) => !nodeMoves.has(move) && !/^(\w+)>\1$/.test(move))).toEqual([]);
    expect(isRunFinished(state.status)).toBe([...state.nodes.values()].every(({ status }) => isNodeFinished(status)));
    if (wasFinished) expect(state).toBe(before);
    expectCommands(before, state, commands);
  }

  toString(): string {
    return JSON.stringify(this.#event);
  }
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
  expect(commands.toSorted(byNode)).toEqual(
    [
      ...enqueued,
      ...(stopped.length > 0 ? [{ type: 'stop', nodeIds: stopped }] : []),
      ...(finished ? [{ type: 'finish', status: after.status }] : []),
    ].toSorted(byNode),
  );
}

/** An event about some node: mostly of its present attempt, at times of one before or after it. */
function nodeEvent(type: 'claim' | 'complete' | 'fail' | 'retry' | 'rescue') {
  const lag = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1) });
  return fc.tuple(fc.nat(), lag, fc.boolean()).map(
    ([pick, off, countsAsCrash]) =>
      new EventCommand((model) => {
        // Nodes that can move come up more often than the others.
        const active = model.ids.filter((id) => ['QUEUED', 'RUNNING'].includes(model.statusOf(id)));
        const ids = active.length > 0 && pick % 4 !== 0 ? active : model.ids;
        const nodeId = ids[pick % ids.length]!;
        const attempt = (model.attempts.get(nodeId) ?? 1) + off;
        if (type === 'rescue') return { type, nodeId, attempt, countsAsCrash };
        // Half of the completions go on with whatever the draw names, ready or not.
        if (type === 'complete') return { type, nodeId, attempt, continuations: countsAsCrash ? model.ids : [] };
        return { type, nodeId, attempt };
      }),
  );
}

const whole = (type: 'begin' | 'cancel' | 'expire') => new EventCommand(() => ({ type }));

describe('the rules of a run', () => {
  test('hold in any order of events, also of events that are late, repeated or made up', () => {
    const seen = new Map<RunStatus, number>();
    const often = Array.from({ length: 6 }, () => nodeEvent('claim'));
    const events = fc.commands(
      [
        ...often,
        ...often.map(() => nodeEvent('complete')),
        nodeEvent('fail'),
        nodeEvent('retry'),
        nodeEvent('rescue'),
        fc.constant(whole('begin')),
        fc.integer({ min: 0, max: 15 }).map((draw) => whole(draw === 0 ? 'cancel' : draw === 1 ? 'expire' : 'begin')),
      ],
      { maxCommands: 60, size: 'max' },
    );
    fc.assert(
      fc.property(arbitraryGraph({ maxNodes: 6, cyclic: false }), events, (graph, commands) => {
        const real: Real = { state: plannedRun(graph) };
        fc.modelRun(() => ({ model: new Model(graph), real }), commands);
        seen.set(real.state.status, (seen.get(real.state.status) ?? 0) + 1);
      }),
      { numRuns: 500 },
    );
    // The test has been in every corner, else it has shown nothing.
    for (const status of ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const) {
      expect([status, (seen.get(status) ?? 0) > 5]).toEqual([status, true]);
    }
  });

  test('give the same end whatever the order in which the same results come in', () => {
    const schedules = fc.record({
      graph: arbitraryGraph({ maxNodes: 12, cyclic: false }),
      bad: fc.array(fc.nat(), { maxLength: 2 }),
      first: fc.infiniteStream(fc.nat()),
      second: fc.infiniteStream(fc.nat()),
    });
    fc.assert(
      fc.property(schedules, ({ graph, bad, first, second }) => {
        const ids = graph.nodes.map(({ id }) => id);
        const failing = new Set(bad.map((pick) => ids[pick % ids.length]!));
        const [one, other] = [first, second].map((draws) => workOff(plannedRun(graph), failing, draws));
        expect(one).toEqual(other);
        expect(isRunFinished(one!.status)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** Works a run off in the order that `draws` picks; attempts are left out of the result, for retries are drawn too. */
function workOff(planned: RunState, failing: ReadonlySet<string>, draws: Iterator<number>) {
  let state = decide(planned, { type: 'begin' }).state;
  const draw = (below: number) => (draws.next().value as number) % below;
  while (!isRunFinished(state.status)) {
    const active = [...state.nodes].filter(([, { status }]) => status === 'QUEUED' || status === 'RUNNING');
    const [nodeId, node] = active[draw(active.length)]!;
    const end = draw(5) === 0 ? 'retry' : failing.has(nodeId) ? 'fail' : 'complete';
    const type = node.status === 'QUEUED' ? 'claim' : end;
    const event = { nodeId, attempt: node.attempt };
    const continuations = type === 'complete' ? node.dependents.slice(0, draw(2)) : [];
    state = decide(state, type === 'complete' ? { ...event, type, continuations } : { ...event, type }).state;
  }
  const nodes = [...state.nodes].map(([id, { status }]) => [id, status] as const);
  return { status: state.status, nodes: new Map(nodes) };
}
