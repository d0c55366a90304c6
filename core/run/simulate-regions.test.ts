import { expect, test } from '@jest/globals';
import { createDraws, randomRun, runOutputs, wrongEdges, type Draws } from '../../testing/random-runs.ts';
import { decide, type RunCommand, type RunEventInput, type RunState } from './decide.ts';
import {
  cancelledMark,
  closeRegion,
  collectValues,
  isStopped,
  makeParts,
  mostFailed,
  openRegion,
  retryParts,
  roomOf,
  settlePart,
  verdictOf,
  verdictOfDriver,
  type RegionSettings,
  type RegionState,
} from './region.ts';
import { isNodeFinished, isRunFinished } from './status.ts';

/*
 * Runs inside runs in one thread, as in simulate.test.ts: nodes of a run, of its parts and of theirs stand for lists, for
 * called workflows or for loops; others branch, fail, and wait for somebody. The queue loses, doubles and reorders jobs, workers die, the
 * word that a part has ended is lost; what is repeated is paused, gone on with and cancelled, and what failed of it is gone through again while it is under way. The sweeper repairs what the rules let it repair.
 */
const seeds = 2_000;
const calmMs = 60_000;
const lastMs = 900_000;
const leaseMs = 10_000;
const overdueMs = 5_000;
/** Lists within lists, and calls within them. */
const maxDepth = 3;

/** What a run consists of, and what some of its nodes stand for. */
interface Template {
  readonly run: RunState;
  readonly drivers: ReadonlyMap<string, Repeated>;
}

interface Repeated {
  readonly part: Template;
  readonly total: number;
  readonly settings: Pick<RegionSettings, 'onError' | 'failAbove'>;
  readonly kind: 'list' | 'call' | 'loop';
  /** The lap of a loop that says that it is the last. */
  readonly lastLap: number;
}

function randomTemplate(draws: Draws, depth: number): Template {
  const run = randomRun(draws, depth === 0 ? 5 : 3);
  const drivers = new Map<string, Repeated>();
  for (const id of run.nodes.keys()) {
    if (depth === maxDepth || !draws.chance(depth === 0 ? 0.4 : 0.2)) continue;
    const kind = draws.chance(0.3) ? 'call' : draws.chance(0.3) ? 'loop' : 'list';
    drivers.set(id, {
      kind,
      lastLap: kind === 'loop' ? Math.floor(draws.between(0, 8)) : Infinity,
      part: randomTemplate(draws, depth + 1),
      total:
        kind === 'call'
          ? 1
          : kind === 'list' && draws.chance(0.1)
            ? 0
            : Math.floor(draws.between(1, depth === 0 ? 12 : 4)),
      settings: {
        onError: kind !== 'list' || draws.chance(0.3) ? 'stop' : draws.chance(0.5) ? 'goOn' : 'leaveOut',
        ...(draws.chance(0.3) ? { failAbove: { count: 1 } } : {}),
      },
    });
  }
  // A list or a loop fails as a whole; what fails of its elements is handled within them.
  const nodes = [...run.nodes].map(([id, node]) =>
    ['list', 'loop'].includes(drivers.get(id)?.kind ?? '')
      ? ([id, { ...node, handlesError: false }] as const)
      : ([id, node] as const),
  );
  return { run: { ...run, nodes: new Map(nodes) }, drivers };
}

/** What stands for what is repeated. */
interface Repetition {
  state: RegionState;
  readonly parts: Map<number, Underway>;
  /** Parts whose element is to be gone through again, by its place. */
  readonly again: Map<number, Underway>;
  /** Nothing is left to wait for: nothing changes it any more. */
  isClosed: boolean;
  collected: number[];
}

/** A run, or part of one, under way. */
interface Underway {
  readonly id: string;
  readonly template: Template;
  state: RunState;
  /** What it is a part of; null: nothing. */
  readonly of: { readonly run: Underway; readonly nodeId: string; readonly index: number } | null;
  readonly regions: Map<string, Repetition>;
  readonly given: Map<string, readonly string[]>;
  readonly commits: Map<string, number>;
  isSettled: boolean;
}

function simulate(seed: number, seen: Set<string>): string[] {
  const draws = createDraws(seed + 1);
  const problems: string[] = [];
  const runs: Underway[] = [];
  let now = 0;
  let workers = 3;
  const diedAt = new Map<number, number>();
  const held = new Map<string, number>();
  const queuedAt = new Map<string, number>();
  const dueAt = new Map<string, number>();
  const timers: { at: number; act: () => void }[] = [];
  const later = (ms: number, act: () => void) => void timers.push({ at: now + ms, act });
  const isCalm = () => now >= calmMs;

  function add(template: Template, of: Underway['of']): Underway {
    const place = of === null ? 'run' : `${of.run.id}/${of.nodeId}[${of.index}]`;
    const id = runs.some((run) => run.id === place) ? `${place}+${runs.length}` : place;
    const made: Underway = {
      ...{ id, template, of, state: template.run, isSettled: false },
      ...{ regions: new Map(), given: new Map(), commits: new Map() },
    };
    runs.push(made);
    apply(made, { type: 'begin' });
    return made;
  }

  function apply(run: Underway, event: RunEventInput): boolean {
    const before = run.state;
    const { state, commands } = decide(before, event);
    if (state === before) return false;
    run.state = state;
    for (const [id, node] of state.nodes) {
      const was = before.nodes.get(id)!.status;
      if (isNodeFinished(was) && node.status !== was) problems.push(`${run.id} ${id} left ${was}`);
      if (was !== 'COMPLETED' && node.status === 'COMPLETED') run.commits.set(id, (run.commits.get(id) ?? 0) + 1);
      if (was !== 'WAITING' && node.status === 'WAITING' && !run.template.drivers.has(id))
        awaitAnswer(run, id, node.attempt);
    }
    for (const command of commands) carryOut(run, command);
    // Told, or not: a process that dies after its commit tells nobody.
    if (run.of !== null && isRunFinished(state.status) && (isCalm() || draws.chance(0.8)))
      later(draws.between(0, 100), () => settle(run));
    return true;
  }

  function carryOut(run: Underway, command: RunCommand): void {
    if (command.type !== 'enqueue') return;
    queuedAt.set(`${run.id} ${command.nodeId}`, now);
    offer(run, command.nodeId, command.attempt);
  }

  function offer(run: Underway, nodeId: string, attempt: number): void {
    if (!isCalm() && draws.chance(0.1)) return;
    const copies = !isCalm() && draws.chance(0.1) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) later(draws.between(0, 50), () => take(run, nodeId, attempt));
  }

  function take(run: Underway, nodeId: string, attempt: number): void {
    const worker = Math.floor(draws.between(0, workers));
    if (diedAt.has(worker) || !apply(run, { type: 'claim', nodeId, attempt })) return;
    held.set(`${run.id} ${nodeId}`, worker);
    if (!isCalm() && draws.chance(0.05)) {
      diedAt.set(worker, now);
      workers += 1;
      return;
    }
    later(draws.between(0, 1_000), () => work(run, nodeId, attempt));
  }

  function work(run: Underway, nodeId: string, attempt: number): void {
    const { status, attempt: current } = run.state.nodes.get(nodeId)!;
    if (status !== 'RUNNING' || current !== attempt) return;
    const repeated = run.template.drivers.get(nodeId);
    if (repeated !== undefined) return drive(run, nodeId, attempt, repeated);
    if (draws.chance(0.08)) return void apply(run, { type: 'suspend', nodeId, attempt });
    const type = draws.chance(0.05) ? 'fail' : !isCalm() && draws.chance(0.05) ? 'retry' : 'complete';
    if (type === 'complete') complete(run, nodeId, attempt);
    else apply(run, { type, nodeId, attempt });
  }

  function complete(run: Underway, nodeId: string, attempt: number): void {
    const outputs = draws.chance(0.3) ? runOutputs : [draws.chance(0.5) ? 'a' : 'b'];
    if (apply(run, { type: 'complete', nodeId, attempt, continuations: [], outputs })) run.given.set(nodeId, outputs);
  }

  /** Answered once, twice at once, or never: then the sweeper ends it. */
  function awaitAnswer(run: Underway, nodeId: string, attempt: number): void {
    dueAt.set(`${run.id} ${nodeId}`, now + draws.between(0, 20_000));
    const answers = draws.chance(0.3) ? 0 : draws.chance(0.3) ? 2 : 1;
    for (let answer = 0; answer < answers; answer += 1) {
      const at = draws.between(0, 10_000);
      later(at, () => endWait(run, nodeId, attempt, draws.chance(0.2)));
    }
  }

  function endWait(run: Underway, nodeId: string, attempt: number, fails: boolean): void {
    const node = run.state.nodes.get(nodeId)!;
    const isOpen = node.status === 'WAITING' && node.attempt === attempt;
    const isRecorded = apply(run, { type: 'resolve', nodeId, attempt, fails, outputs: ['a'] });
    if (isRecorded !== isOpen) problems.push(`${run.id} ${nodeId}: a wait was ended twice, or not at all`);
    if (isRecorded && !fails) run.given.set(nodeId, ['a']);
  }

  /** One execution of a driver: it expands, makes what there is room for, or collects. */
  function drive(run: Underway, nodeId: string, attempt: number, { total, settings, kind }: Repeated): void {
    const opened = { total, width: kind === 'loop' ? 1 : 4, mostFailed: mostFailed(settings, total) };
    const region = run.regions.get(nodeId) ?? {
      ...{ state: openRegion(opened), parts: new Map(), again: new Map(), isClosed: false, collected: [] },
    };
    run.regions.set(nodeId, region);
    const verdict = total === 0 ? verdictOf(region.state) : verdictOfDriver(region.state, region.isClosed);
    if (verdict === 'fail') return void apply(run, { type: 'fail', nodeId, attempt });
    if (verdict === 'wait') {
      apply(run, { type: 'suspend', nodeId, attempt });
      fill(run, nodeId);
      return wake(run, nodeId);
    }
    const list = collectValues(settings.onError, region.state.total, (index) =>
      region.parts.get(index)?.state.status === 'COMPLETED' ? index : undefined,
    );
    region.collected = list.flatMap((index, place) => index ?? (settings.onError === 'goOn' ? [-1 - place] : []));
    complete(run, nodeId, attempt);
  }

  function fill(run: Underway, nodeId: string): void {
    const region = run.regions.get(nodeId);
    if (region === undefined || isRunFinished(run.state.status)) return;
    if (region.isClosed) return;
    const { next } = region.state;
    region.state = makeParts(region.state, roomOf(region.state));
    if (region.state.unfinished > region.state.width) problems.push(`${region.state.unfinished} parts at once`);
    const repeated = [...region.again.keys()]
      .toSorted((a, b) => a - b)
      .slice(0, region.again.size - region.state.again);
    for (const index of repeated) region.again.delete(index);
    const first = Array.from({ length: region.state.next - next }, (_, at) => next + at);
    for (const index of [...repeated, ...first]) {
      if (region.parts.has(index)) problems.push(`${run.id} ${nodeId}[${index}] was made twice`);
      if (run.template.drivers.get(nodeId)!.kind === 'loop' && index > 0) {
        if (region.parts.get(index - 1)?.state.status !== 'COMPLETED')
          problems.push(`${run.id} ${nodeId}: lap ${index} was made before the one that it goes on from`);
      }
      region.parts.set(index, add(run.template.drivers.get(nodeId)!.part, { run, nodeId, index }));
    }
  }

  /** One statement: counts, makes parts, and wakes the driver where nothing is left. */
  function settle(part: Underway): void {
    const { run, nodeId } = part.of!;
    const region = run.regions.get(nodeId)!;
    const { lastLap } = run.template.drivers.get(nodeId)!;
    const { status } = part.state;
    const isLast = status === 'COMPLETED' && part.of!.index === lastLap;
    if (region.isClosed && !part.isSettled) problems.push(`${part.id} ended after all of them had`);
    if (!part.isSettled) region.state = settlePart(region.state, status, isLast);
    part.isSettled = true;
    fill(run, nodeId);
    wake(run, nodeId);
  }

  /** Somebody pauses what is gone through, goes on with it or cancels it. */
  function steer(): void {
    const run = runs[Math.floor(draws.between(0, runs.length))]!;
    for (const [nodeId, region] of run.regions) {
      if (isNodeFinished(run.state.nodes.get(nodeId)!.status)) continue;
      if (draws.chance(0.2)) {
        seen.add('cancelled list');
        region.state = { ...region.state, mostFailed: cancelledMark, isPaused: false };
        for (const part of region.parts.values()) apply(part, { type: 'cancel' });
        wake(run, nodeId);
      } else {
        seen.add('paused list');
        region.state = { ...region.state, isPaused: true };
        later(draws.between(0, 20_000), () => {
          region.state = { ...region.state, isPaused: false };
          fill(run, nodeId);
          wake(run, nodeId);
        });
      }
    }
  }

  /** Somebody asks for elements that failed once more, whatever else is under way. */
  function retryFailed(): void {
    const run = runs[Math.floor(draws.between(0, runs.length))]!;
    for (const [nodeId, region] of run.regions) {
      const isOver = isRunFinished(run.state.status) || isNodeFinished(run.state.nodes.get(nodeId)!.status);
      if (isOver || region.isClosed || run.template.drivers.get(nodeId)!.kind !== 'list') continue;
      const failed = [...region.parts].filter(([, part]) => part.isSettled && part.state.status === 'FAILED');
      const chosen = draws.chance(0.5) ? failed : failed.slice(0, 1);
      const before = region.state;
      region.state = retryParts(before, chosen.length);
      if (region.state === before || chosen.length === 0) continue;
      seen.add(isStopped(before) && !isStopped(region.state) ? 'retried while it stops' : 'retried');
      for (const [index, part] of chosen) {
        region.parts.delete(index);
        region.again.set(index, part);
      }
      fill(run, nodeId);
      wake(run, nodeId);
    }
  }

  function wake(run: Underway, nodeId: string): void {
    const driver = run.state.nodes.get(nodeId)!;
    const region = run.regions.get(nodeId)!;
    if (driver.status !== 'WAITING' || verdictOf(region.state) === 'wait') return;
    if (!region.isClosed) {
      region.isClosed = true;
      region.state = closeRegion(region.state);
      for (const [index, part] of region.again) region.parts.set(index, part);
      region.again.clear();
    }
    apply(run, { type: 'resume', nodeId, attempt: driver.attempt });
  }

  function sweep(): void {
    // Parts of parts come after those that they are in.
    for (const run of [...runs]) {
      for (const [nodeId, node] of run.state.nodes) {
        const name = `${run.id} ${nodeId}`;
        if (node.status === 'RUNNING') {
          const died = diedAt.get(held.get(name)!);
          if (died !== undefined && now - died > leaseMs)
            apply(run, { type: 'rescue', nodeId, attempt: node.attempt, countsAsCrash: false });
        } else if (node.status === 'QUEUED' && now - queuedAt.get(name)! > overdueMs) {
          offer(run, nodeId, node.attempt);
        } else if (node.status === 'WAITING' && now > (dueAt.get(name) ?? Infinity)) {
          endWait(run, nodeId, node.attempt, draws.chance(0.2));
        } else if (node.status === 'WAITING' && run.regions.has(nodeId)) {
          // A worker that died after it let the driver wait has made no parts.
          fill(run, nodeId);
          wake(run, nodeId);
        }
      }
      if (run.of === null) continue;
      if (isRunFinished(run.of.run.state.status)) {
        if (!isRunFinished(run.state.status)) apply(run, { type: 'cancel' });
      } else if (isRunFinished(run.state.status)) settle(run);
    }
    if (runs.some(({ state }) => !isRunFinished(state.status))) later(1_000, sweep);
  }

  const whole = add(randomTemplate(draws, 0), null);
  later(1_000, sweep);
  if (draws.chance(0.1)) later(draws.between(0, 20_000), () => apply(whole, { type: 'cancel' }));
  if (draws.chance(0.3)) for (let turn = 0; turn < 3; turn += 1) later(draws.between(0, 20_000), steer);
  if (draws.chance(0.5)) for (let turn = 0; turn < 20; turn += 1) later(draws.between(0, 20_000), retryFailed);
  while (timers.length > 0 && now < lastMs) {
    let next = 0;
    for (let index = 1; index < timers.length; index += 1) if (timers[index]!.at < timers[next]!.at) next = index;
    const [timer] = timers.splice(next, 1);
    now = timer!.at;
    timer!.act();
  }

  for (const run of runs) {
    const depth = run.id.split('/').length - 1;
    seen.add(`depth ${depth}`).add(run.state.status);
    for (const { kind } of run.template.drivers.values()) seen.add(kind);
    if (!isRunFinished(run.state.status)) problems.push(`${run.id} is still ${run.state.status}`);
    if (run.of !== null && isRunFinished(run.of.run.state.status) && !isRunFinished(run.state.status))
      problems.push(`${run.id} outlives what it is in`);
    for (const [id, node] of run.state.nodes) {
      if (!isNodeFinished(node.status)) problems.push(`${run.id} ${id} is still ${node.status}`);
      if (node.status === 'COMPLETED' && run.commits.get(id) !== 1)
        problems.push(`${run.id} ${id} was committed ${run.commits.get(id)} times`);
      problems.push(...wrongEdges(run.state, id, run.given));
      if (node.status === 'SKIPPED' && run.regions.has(id)) problems.push(`${run.id} ${id} was skipped and has parts`);
    }
    if (run.state.status === 'CANCELLED') continue;
    for (const [nodeId, region] of run.regions) problems.push(...wrongRegion(run, nodeId, region));
  }
  return problems;
}

function wrongRegion(run: Underway, nodeId: string, { state, parts, again, collected }: Repetition): string[] {
  const problems: string[] = [];
  const name = `${run.id} ${nodeId}`;
  const { total: most, settings, lastLap } = run.template.drivers.get(nodeId)!;
  const total = Math.min(most, lastLap + 1);
  const status = run.state.nodes.get(nodeId)!.status;
  const ended = [...parts.values()].map((part) => part.state.status);
  if (state.again !== 0 || again.size > 0)
    problems.push(`${name}: ${state.again} elements were to be gone through again`);
  if (state.unfinished !== 0) problems.push(`${name}: ${state.unfinished} parts were not counted`);
  if (ended.filter((end) => end === 'FAILED').length !== state.failed) problems.push(`${name}: failures miscounted`);
  if (ended.filter((end) => end === 'COMPLETED').length !== state.completed) problems.push(`${name}: ends miscounted`);
  if ((status === 'FAILED') !== isStopped(state)) problems.push(`${name}: ${status} with ${state.failed} failed`);
  if (status !== 'COMPLETED') return problems;
  if (parts.size !== total) problems.push(`${name}: ${parts.size} parts of ${total} elements`);
  const all = Array.from({ length: total }, (_, index) =>
    parts.get(index)?.state.status === 'COMPLETED' ? index : -1 - index,
  );
  const expected = settings.onError === 'goOn' ? all : all.filter((value) => value >= 0);
  if (collected.join() !== expected.join()) problems.push(`${name}: the list is not that of its elements`);
  return problems;
}

test(`${seeds} histories of lists, loops and calls within one another end, each element and lap with one part that is counted once`, () => {
  const bad: [number, string[]][] = [];
  const seen = new Set<string>();
  for (let seed = 0; seed < seeds; seed += 1) {
    const problems = simulate(seed, seen);
    if (problems.length > 0) bad.push([seed, problems]);
  }
  expect(bad).toEqual([]);
  expect([...seen].toSorted()).toEqual([
    ...['CANCELLED', 'COMPLETED', 'FAILED', 'call', 'cancelled list', 'depth 0', 'depth 1', 'depth 2', 'depth 3'],
    ...['list', 'loop', 'paused list', 'retried', 'retried while it stops'],
  ]);
});
