import { describe, expect, test } from '@jest/globals';
import { decide, type NodeState, type RunCommand, type RunEventInput, type RunState } from './decide.ts';
import {
  collectValues,
  isStopped,
  makeParts,
  mostFailed,
  openRegion,
  roomOf,
  settlePart,
  verdictOf,
  type RegionSettings,
  type RegionState,
} from './region.ts';
import { isNodeFinished, isRunFinished } from './status.ts';

describe('how many parts may fail', () => {
  test.each([
    ['stop', undefined, 0],
    ['stop', { count: 5 }, 0],
    ['goOn', undefined, null],
    ['leaveOut', undefined, null],
    ['goOn', { count: 3 }, 3],
    ['leaveOut', { percent: 10 }, 1],
    ['leaveOut', { percent: 0 }, 0],
  ] as const)('%s, %j: %j of 19', (onError, failAbove, most) => {
    expect(mostFailed({ onError, ...(failAbove === undefined ? {} : { failAbove }) }, 19)).toBe(most);
  });
});

describe('the list that a region puts out', () => {
  const valueAt = (index: number) => ['a', undefined, 'c'][index];

  test('keeps each place where it goes on', () => {
    expect(collectValues('goOn', 3, valueAt)).toEqual(['a', null, 'c']);
  });

  test.each(['leaveOut', 'stop'] as const)('has what is there only with %s', (onError) => {
    expect(collectValues(onError, 3, valueAt)).toEqual(['a', 'c']);
  });

  test('is empty for an empty list', () => {
    expect(collectValues('goOn', 0, valueAt)).toEqual([]);
    expect(verdictOf(openRegion({ total: 0, width: 8, mostFailed: null }))).toBe('collect');
  });
});

/*
 * A region with its run in one thread, as in simulate.test.ts: the queue loses, doubles and reorders jobs, workers die, the
 * word that a part has ended is lost. The sweeper repairs what the rules let it repair.
 */
const seeds = 2_000;
const calmMs = 60_000;
const lastMs = 600_000;
const leaseMs = 10_000;
const overdueMs = 5_000;

function createDraws(seed: number) {
  let state = (seed + 1) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    chance: (share: number) => next() < share,
    between: (from: number, to: number) => from + next() * (to - from),
  };
}

const idle: NodeState = { status: 'PENDING', attempt: 1, crashCount: 0, pendingDependencies: 0, dependents: [] };

/** driver -> member and driver -> after. */
const parentRun: RunState = {
  status: 'PENDING',
  nodes: new Map([
    ['driver', { ...idle, dependents: ['member', 'after'] }],
    ['member', { ...idle, pendingDependencies: 1, dependents: ['after'] }],
    ['after', { ...idle, pendingDependencies: 2 }],
  ]),
};

/** a -> b -> c. */
const partRun: RunState = {
  status: 'PENDING',
  nodes: new Map([
    ['a', { ...idle, dependents: ['b'] }],
    ['b', { ...idle, pendingDependencies: 1, dependents: ['c'] }],
    ['c', { ...idle, pendingDependencies: 1 }],
  ]),
};

interface Held {
  readonly worker: number;
}

function simulate(seed: number): string[] {
  const draws = createDraws(seed);
  const problems: string[] = [];
  const settings: Pick<RegionSettings, 'onError' | 'failAbove'> = {
    onError: draws.chance(0.3) ? 'stop' : draws.chance(0.5) ? 'goOn' : 'leaveOut',
    ...(draws.chance(0.3) ? { failAbove: { count: 2 } } : {}),
  };
  const total = draws.chance(0.1) ? 0 : Math.floor(draws.between(1, 30));
  const runs = new Map<string, RunState>([['parent', parentRun]]);
  let region: RegionState | null = null;
  const settled = new Set<string>();
  const values = new Map<string, string>();
  let collected: readonly (string | null)[] | null = null;
  let now = 0;
  let workers = 3;
  const diedAt = new Map<number, number>();
  const held = new Map<string, Held>();
  const queuedAt = new Map<string, number>();
  const timers: { at: number; act: () => void }[] = [];
  const later = (ms: number, act: () => void) => void timers.push({ at: now + ms, act });
  const isCalm = () => now >= calmMs;

  function apply(runId: string, event: RunEventInput): boolean {
    const before = runs.get(runId)!;
    const { state, commands } = decide(before, event);
    if (state === before) return false;
    runs.set(runId, state);
    for (const command of commands) carryOut(runId, command);
    // Told, or not: a process that dies after its commit tells nobody.
    if (runId !== 'parent' && isRunFinished(state.status) && (isCalm() || draws.chance(0.8)))
      later(draws.between(0, 100), () => settle([runId]));
    return true;
  }

  function carryOut(runId: string, command: RunCommand): void {
    if (command.type !== 'enqueue') return;
    queuedAt.set(`${runId} ${command.nodeId}`, now);
    offer(runId, command.nodeId, command.attempt);
  }

  function offer(runId: string, nodeId: string, attempt: number): void {
    if (!isCalm() && draws.chance(0.1)) return;
    const copies = !isCalm() && draws.chance(0.1) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) later(draws.between(0, 50), () => take(runId, nodeId, attempt));
  }

  function take(runId: string, nodeId: string, attempt: number): void {
    const worker = Math.floor(draws.between(0, workers));
    if (diedAt.has(worker) || !apply(runId, { type: 'claim', nodeId, attempt })) return;
    held.set(`${runId} ${nodeId}`, { worker });
    if (!isCalm() && draws.chance(0.05)) {
      diedAt.set(worker, now);
      workers += 1;
      return;
    }
    later(draws.between(0, 1_000), () => work(runId, nodeId, attempt));
  }

  function work(runId: string, nodeId: string, attempt: number): void {
    const { status, attempt: current } = runs.get(runId)!.nodes.get(nodeId)!;
    if (status !== 'RUNNING' || current !== attempt) return;
    if (runId === 'parent' && nodeId === 'driver') return drive(attempt);
    const type =
      runId !== 'parent' && draws.chance(0.05) ? 'fail' : !isCalm() && draws.chance(0.05) ? 'retry' : 'complete';
    if (type === 'complete' && nodeId === 'c') values.set(runId, runId);
    apply(runId, type === 'complete' ? { type, nodeId, attempt, continuations: [] } : { type, nodeId, attempt });
  }

  /** One execution of the driver: it expands, makes what there is room for, or collects. */
  function drive(attempt: number): void {
    region ??= openRegion({ total, width: 4, mostFailed: mostFailed(settings, total) });
    const verdict = verdictOf(region);
    if (verdict === 'fail') return void apply('parent', { type: 'fail', nodeId: 'driver', attempt });
    if (verdict === 'collect') {
      collected = collectValues(settings.onError, total, (index) => values.get(`part ${index}`));
      return void apply('parent', { type: 'complete', nodeId: 'driver', attempt, continuations: [] });
    }
    apply('parent', { type: 'suspend', nodeId: 'driver', attempt });
    fill();
  }

  function fill(): void {
    if (region === null || isRunFinished(runs.get('parent')!.status)) return;
    const from = region.next;
    const count = roomOf(region);
    region = makeParts(region, count);
    for (let index = from; index < from + count; index += 1) {
      if (runs.has(`part ${index}`)) problems.push(`part ${index} was made twice`);
      runs.set(`part ${index}`, partRun);
      apply(`part ${index}`, { type: 'begin' });
    }
    if (region.unfinished > region.width) problems.push(`${region.unfinished} parts at once`);
  }

  /** One statement: counts, makes parts, and wakes the driver where nothing is left. */
  function settle(partIds: readonly string[]): void {
    for (const id of partIds) {
      if (settled.has(id) || region === null) continue;
      settled.add(id);
      region = settlePart(region, runs.get(id)!.status);
    }
    fill();
    wake();
  }

  function wake(): void {
    const driver = runs.get('parent')!.nodes.get('driver')!;
    if (region !== null && driver.status === 'WAITING' && verdictOf(region) !== 'wait')
      apply('parent', { type: 'resume', nodeId: 'driver', attempt: driver.attempt });
  }

  function sweep(): void {
    for (const [runId, run] of runs) {
      for (const [nodeId, node] of run.nodes) {
        const name = `${runId} ${nodeId}`;
        if (node.status === 'RUNNING') {
          const died = diedAt.get(held.get(name)!.worker);
          if (died !== undefined && now - died > leaseMs)
            apply(runId, { type: 'rescue', nodeId, attempt: node.attempt, countsAsCrash: false });
        } else if (node.status === 'QUEUED' && now - queuedAt.get(name)! > overdueMs)
          offer(runId, nodeId, node.attempt);
      }
    }
    if (isRunFinished(runs.get('parent')!.status)) {
      for (const [runId, run] of runs) if (!isRunFinished(run.status)) apply(runId, { type: 'cancel' });
    } else settle([...runs.keys()].filter((id) => id !== 'parent' && isRunFinished(runs.get(id)!.status)));
    if ([...runs.values()].some(({ status }) => !isRunFinished(status))) later(1_000, sweep);
  }

  apply('parent', { type: 'begin' });
  later(1_000, sweep);
  const isCancelled = draws.chance(0.1);
  if (isCancelled) later(draws.between(0, 20_000), () => apply('parent', { type: 'cancel' }));
  while (timers.length > 0 && now < lastMs) {
    let next = 0;
    for (let index = 1; index < timers.length; index += 1) if (timers[index]!.at < timers[next]!.at) next = index;
    const [timer] = timers.splice(next, 1);
    now = timer!.at;
    timer!.act();
  }

  const parent = runs.get('parent')!;
  for (const [runId, run] of runs) {
    if (!isRunFinished(run.status)) problems.push(`${runId} is still ${run.status}`);
    if (isRunFinished(run.status) && ![...run.nodes.values()].every((node) => isNodeFinished(node.status)))
      problems.push(`${runId} is over and its nodes are not`);
  }
  if (parent.status === 'CANCELLED') return problems;
  const end = region as RegionState | null;
  if (end === null) return [...problems, 'it was never expanded'];
  if (end.unfinished !== 0) problems.push(`${end.unfinished} parts were not counted`);
  const ended = [...runs].filter(([id]) => id !== 'parent').map(([, { status }]) => status);
  if (ended.filter((status) => status === 'FAILED').length !== end.failed) problems.push('failures were miscounted');
  if (ended.filter((status) => status === 'COMPLETED').length !== end.completed) problems.push('ends were miscounted');
  if ((parent.status === 'FAILED') !== isStopped(end)) problems.push(`${parent.status} with ${end.failed} failed`);
  if (parent.status === 'COMPLETED') {
    if (ended.length !== total) problems.push(`${ended.length} parts of ${total} elements`);
    const all = Array.from({ length: total }, (_, index) =>
      runs.get(`part ${index}`)!.status === 'COMPLETED' ? `part ${index}` : null,
    );
    const expected = settings.onError === 'goOn' ? all : all.filter((value) => value !== null);
    if (JSON.stringify(collected) !== JSON.stringify(expected)) problems.push('the list is not that of its elements');
  }
  return problems;
}

test(`${seeds} histories of a region end, each element with one part that is counted once, and a list in their order`, () => {
  const bad: [number, string[]][] = [];
  for (let seed = 0; seed < seeds; seed += 1) {
    const problems = simulate(seed);
    if (problems.length > 0) bad.push([seed, problems]);
  }
  expect(bad).toEqual([]);
});
