import { expect, test } from '@jest/globals';
import { createDraws, randomRun, runOutputs, wrongEdges } from '../../testing/random-runs.ts';
import { decide, maxCrashes, type RunCommand, type RunEventInput } from './decide.ts';
import { failingSeeds } from './failing-seeds.ts';
import { isNodeFinished, isRunFinished } from './status.ts';

/*
 * A whole installation in one thread: one run, three workers, a clock that jumps
 * from event to event, and a queue that loses, doubles, delays and reorders what
 * it is given. Workers die and freeze; nodes wait, and are answered twice at once
 * or run out of time; a sweeper repairs what the rules let it repair. Every seed is another history; those that ever failed stay in
 * failing-seeds.ts.
 */

const seeds = 10_000;
const leaseMs = 10_000;
const overdueMs = 5_000;
const sweepMs = 1_000;
/** From then on nothing bad happens any more, and the run has to end. */
const calmMs = 120_000;
const lastMs = 600_000;

interface Held {
  readonly worker: number;
  readonly attempt: number;
}

/** Plays one history and returns what was wrong with it. */
function simulate(seed: number): string[] {
  const draws = createDraws(seed);
  const problems: string[] = [];
  let state = randomRun(draws, 8);
  let now = 0;
  const timers: { at: number; act: () => void }[] = [];
  const later = (ms: number, act: () => void) => void timers.push({ at: now + ms, act });
  const isCalm = () => now >= calmMs;
  /** Whose attempt each RUNNING node is, as Postgres knows it. */
  const held = new Map<string, Held>();
  const commits = new Map<string, number>();
  /** The outputs that each completed node gave. */
  const given = new Map<string, readonly string[]>();
  const diedAt = new Map<number, number>();
  const queuedAt = new Map<string, number>();
  /** When the wait of each WAITING node ends by itself. */
  const dueAt = new Map<string, number>();
  let workers = 3;

  function apply(event: RunEventInput): boolean {
    const before = state;
    const { state: after, commands } = decide(before, event);
    if (after === before) return false;
    if (isRunFinished(before.status)) problems.push(`${event.type} changed a finished run`);
    state = after;
    for (const [id, node] of after.nodes) {
      const was = before.nodes.get(id)!;
      if (isNodeFinished(was.status) && node.status !== was.status) problems.push(`${id} left ${was.status}`);
      if (was.status !== 'COMPLETED' && node.status === 'COMPLETED') commits.set(id, (commits.get(id) ?? 0) + 1);
      if (was.status !== 'WAITING' && node.status === 'WAITING') awaitAnswer(id, node.attempt);
      if (node.status === 'RUNNING' && node.pendingDependencies > 0) problems.push(`${id} started too early`);
    }
    commands.forEach(carryOut);
    return true;
  }

  function carryOut(command: RunCommand): void {
    if (command.type !== 'enqueue') return;
    queuedAt.set(command.nodeId, now);
    offer(command.nodeId, command.attempt);
  }

  /** What the queue makes of a job. */
  function offer(nodeId: string, attempt: number): void {
    if (!isCalm() && draws.chance(0.1)) return;
    const copies = !isCalm() && draws.chance(0.1) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      later(draws.chance(0.1) ? draws.between(0, 20_000) : draws.between(0, 50), () => take(nodeId, attempt));
    }
  }

  function take(nodeId: string, attempt: number): void {
    const worker = Math.floor(draws.between(0, workers));
    if (diedAt.has(worker)) return;
    if (!apply({ type: 'claim', nodeId, attempt })) return;
    held.set(nodeId, { worker, attempt });
    if (!isCalm() && draws.chance(0.08)) {
      diedAt.set(worker, now);
      workers += 1;
      // A frozen one comes back and records what it had, long after it was rescued from.
      if (draws.chance(0.5)) later(draws.between(0, 40_000), () => finish(nodeId, attempt));
      return;
    }
    later(draws.between(0, 3_000), () => finish(nodeId, attempt));
  }

  /** Answers come when they like, two at once at times, or never: then the sweeper ends the wait when its time is over. */
  function awaitAnswer(nodeId: string, attempt: number): void {
    dueAt.set(nodeId, now + draws.between(0, 30_000));
    const answers = draws.chance(0.3) ? 0 : draws.chance(0.3) ? 2 : 1;
    for (let answer = 0; answer < answers; answer += 1) {
      later(draws.between(0, 20_000), () => endWait(nodeId, attempt, draws.chance(0.3) ? 'resume' : 'resolve'));
    }
  }

  function endWait(nodeId: string, attempt: number, type: 'resume' | 'resolve', fails = false): void {
    const taken = draws.chance(0.5) ? ['a'] : ['b'];
    const event: RunEventInput =
      type === 'resume' ? { type, nodeId, attempt } : { type, nodeId, attempt, fails, outputs: taken };
    const wasWaiting = state.nodes.get(nodeId)!.status === 'WAITING' && state.nodes.get(nodeId)!.attempt === attempt;
    const isRecorded = apply(event);
    if (isRecorded && !wasWaiting) problems.push(`${nodeId}: a wait was ended that was over`);
    if (isRecorded && type === 'resolve' && !fails) given.set(nodeId, taken);
  }

  function finish(nodeId: string, attempt: number): void {
    if (draws.chance(isCalm() ? 0.05 : 0.15)) {
      const wasHeld = held.get(nodeId)?.attempt === attempt;
      if (!apply({ type: 'suspend', nodeId, attempt })) return;
      if (!wasHeld) problems.push(`${nodeId}: ${attempt} was let wait by one that had lost it`);
      held.delete(nodeId);
      return;
    }
    const type = draws.chance(0.05) ? 'fail' : !isCalm() && draws.chance(0.1) ? 'retry' : 'complete';
    const holder = held.get(nodeId);
    const continuations = draws.chance(0.5) ? state.nodes.get(nodeId)!.dependents.slice(0, 1) : [];
    // Mostly one way or the other, at times both.
    const taken = draws.chance(0.3) ? runOutputs : draws.chance(0.5) ? ['a'] : ['b'];
    const event: RunEventInput =
      type === 'complete' ? { type, nodeId, attempt, continuations, outputs: taken } : { type, nodeId, attempt };
    const isRecorded = apply(event);
    if (isRecorded && type === 'complete') given.set(nodeId, taken);
    if (isRecorded && holder?.attempt !== attempt)
      problems.push(`${nodeId}: ${attempt} was recorded by one that had lost it`);
    if (isRecorded) {
      held.delete(nodeId);
      for (const id of continuations) if (state.nodes.get(id)!.status === 'RUNNING') goOn(id, holder!.worker);
    }
    // The same result again: its first answer was lost.
    if (draws.chance(0.1)) apply(event);
  }

  /** The worker executes a dependent at once, without a job. */
  function goOn(nodeId: string, worker: number): void {
    const { attempt } = state.nodes.get(nodeId)!;
    held.set(nodeId, { worker, attempt });
    later(draws.between(0, 3_000), () => finish(nodeId, attempt));
  }

  function sweep(): void {
    for (const [nodeId, node] of state.nodes) {
      if (node.status === 'RUNNING') {
        const { worker } = held.get(nodeId)!;
        const died = diedAt.get(worker);
        if (died !== undefined && now - died > leaseMs) {
          held.delete(nodeId);
          apply({ type: 'rescue', nodeId, attempt: node.attempt, countsAsCrash: draws.chance(0.7) });
        }
      } else if (node.status === 'WAITING' && now > dueAt.get(nodeId)!) {
        endWait(nodeId, node.attempt, 'resolve', draws.chance(0.2));
      } else if (node.status === 'QUEUED' && now - queuedAt.get(nodeId)! > overdueMs) {
        offer(nodeId, node.attempt);
      }
    }
    if (!isRunFinished(state.status)) later(sweepMs, sweep);
  }

  apply({ type: 'begin' });
  later(sweepMs, sweep);
  if (draws.chance(0.1)) later(draws.between(0, 20_000), () => apply({ type: 'cancel' }));
  while (timers.length > 0 && now < lastMs) {
    let next = 0;
    for (let index = 1; index < timers.length; index += 1) if (timers[index]!.at < timers[next]!.at) next = index;
    const [timer] = timers.splice(next, 1);
    now = timer!.at;
    timer!.act();
  }
  if (!isRunFinished(state.status)) problems.push(`still ${state.status}`);
  for (const [id, node] of state.nodes) {
    problems.push(...wrongEdges(state, id, given));
    if (node.status === 'COMPLETED' && commits.get(id) !== 1)
      problems.push(`${id} was committed ${commits.get(id)} times`);
    if (node.crashCount > maxCrashes) problems.push(`${id} crashed ${node.crashCount} workers`);
  }
  return problems;
}

test(`${seeds} histories of lost, doubled, late and reordered jobs end, each with one result for each node`, () => {
  const bad: [number, string[]][] = [];
  for (const seed of [...failingSeeds, ...Array.from({ length: seeds }, (_, index) => index)]) {
    const problems = simulate(seed);
    if (problems.length > 0) bad.push([seed, problems]);
  }
  expect(bad).toEqual([]);
});
