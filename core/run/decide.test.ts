import { describe, expect, test } from '@jest/globals';
import { decide, maxCrashes, type NodeState, type RunEventInput, type RunState } from './decide.ts';
import {
  isNodeFinished,
  isRunFinished,
  nodeExecutionStatuses,
  runStatuses,
  type NodeExecutionStatus,
} from './status.ts';

/** A run that has not begun, from edges written `from>to`. */
function runOf(ids: readonly string[], edges: readonly string[] = []): RunState {
  const pairs = edges.map((pair) => pair.split('>') as [string, string]);
  return {
    status: 'PENDING',
    nodes: new Map(
      ids.map((id): [string, NodeState] => [
        id,
        {
          status: 'PENDING',
          attempt: 1,
          crashCount: 0,
          pendingDependencies: pairs.filter(([, target]) => target === id).length,
          dependents: pairs.filter(([source]) => source === id).map(([, target]) => target),
        },
      ]),
    ),
  };
}

/** Applies events one by one; gives the last decision. */
function play(state: RunState, ...events: RunEventInput[]) {
  return events.reduce((decision, event) => decide(decision.state, event), { state, commands: [] } as ReturnType<
    typeof decide
  >);
}

const begin: RunEventInput = { type: 'begin' };
const claim = (nodeId: string, attempt = 1): RunEventInput => ({ type: 'claim', nodeId, attempt });
const complete = (nodeId: string, attempt = 1, continuations: readonly string[] = []): RunEventInput => ({
  type: 'complete',
  nodeId,
  attempt,
  continuations,
});
const fail = (nodeId: string, attempt = 1): RunEventInput => ({ type: 'fail', nodeId, attempt });
const retry = (nodeId: string, attempt = 1): RunEventInput => ({ type: 'retry', nodeId, attempt });
const rescue = (nodeId: string, attempt = 1, countsAsCrash = true): RunEventInput => ({
  type: 'rescue',
  nodeId,
  attempt,
  countsAsCrash,
});
const suspend = (nodeId: string, attempt = 1): RunEventInput => ({ type: 'suspend', nodeId, attempt });
const resume = (nodeId: string, attempt = 1): RunEventInput => ({ type: 'resume', nodeId, attempt });
const resolve = (nodeId: string, outputs?: readonly string[], attempt = 1): RunEventInput => ({
  type: 'resolve',
  nodeId,
  attempt,
  fails: false,
  ...(outputs === undefined ? {} : { outputs }),
});
const giveUp = (nodeId: string, attempt = 1): RunEventInput => ({ type: 'resolve', nodeId, attempt, fails: true });
const work = (nodeId: string): RunEventInput[] => [claim(nodeId), complete(nodeId)];

function statuses({ nodes }: RunState): Record<string, NodeExecutionStatus> {
  return Object.fromEntries([...nodes].map(([id, node]) => [id, node.status]));
}

const diamond = runOf(['t', 'l', 'r', 'j'], ['t>l', 't>r', 'l>j', 'r>j']);

describe('a run', () => {
  test('begins by queueing the nodes that wait for nothing', () => {
    const { state, commands } = play(runOf(['a', 'b', 'c'], ['a>b']), begin);
    expect(state.status).toBe('RUNNING');
    expect(statuses(state)).toEqual({ a: 'QUEUED', b: 'PENDING', c: 'QUEUED' });
    expect(commands).toEqual([
      { type: 'enqueue', nodeId: 'a', attempt: 1 },
      { type: 'enqueue', nodeId: 'c', attempt: 1 },
    ]);
  });

  test('begins once', () => {
    const { state } = play(diamond, begin);
    expect(decide(state, begin)).toEqual({ state, commands: [] });
  });

  test('passes over nodes whose output is reused', () => {
    const reused = runOf(['b']);
    const state = new Map(reused.nodes).set('a', { ...reused.nodes.get('b')!, status: 'COMPLETED', dependents: ['b'] });
    const { commands } = play({ status: 'PENDING', nodes: state }, begin);
    expect(commands).toEqual([{ type: 'enqueue', nodeId: 'b', attempt: 1 }]);
  });

  test('fans out and joins: the join is queued by the last of its dependencies', () => {
    const fannedOut = play(diamond, begin, ...work('t'));
    expect(fannedOut.commands).toEqual([
      { type: 'enqueue', nodeId: 'l', attempt: 1 },
      { type: 'enqueue', nodeId: 'r', attempt: 1 },
    ]);
    const halfJoined = play(fannedOut.state, ...work('r'));
    expect(halfJoined.commands).toEqual([]);
    expect(halfJoined.state.nodes.get('j')).toMatchObject({ status: 'PENDING', pendingDependencies: 1 });
    const joined = play(halfJoined.state, ...work('l'));
    expect(joined.commands).toEqual([{ type: 'enqueue', nodeId: 'j', attempt: 1 }]);
    const { state, commands } = play(joined.state, ...work('j'));
    expect(state.status).toBe('COMPLETED');
    expect(commands).toEqual([{ type: 'finish', status: 'COMPLETED' }]);
  });

  test('lets the worker go on with what it made ready, and queues the rest', () => {
    const { state, commands } = play(diamond, begin, claim('t'), complete('t', 1, ['l']));
    expect(statuses(state)).toEqual({ t: 'COMPLETED', l: 'RUNNING', r: 'QUEUED', j: 'PENDING' });
    expect(commands).toEqual([{ type: 'enqueue', nodeId: 'r', attempt: 1 }]);
    const early = play(state, complete('l', 1, ['j']));
    expect(statuses(early.state)).toMatchObject({ l: 'COMPLETED', j: 'PENDING' });
    const joined = play(early.state, claim('r'), complete('r', 1, ['j']));
    expect(statuses(joined.state)).toMatchObject({ j: 'RUNNING' });
    expect(joined.commands).toEqual([]);
  });

  test('skips everything behind a failure, works off the rest, and then fails', () => {
    const run = runOf(['bad', 'next', 'last', 'apart', 'join'], ['bad>next', 'next>last', 'apart>join', 'bad>join']);
    const failed = play(run, begin, claim('bad'), fail('bad'));
    expect(failed.commands).toEqual([]);
    expect(failed.state.status).toBe('RUNNING');
    expect(statuses(failed.state)).toEqual({
      bad: 'FAILED',
      next: 'SKIPPED',
      last: 'SKIPPED',
      join: 'SKIPPED',
      apart: 'QUEUED',
    });
    const { state, commands } = play(failed.state, ...work('apart'));
    expect(commands).toEqual([{ type: 'finish', status: 'FAILED' }]);
    expect(statuses(state)).toMatchObject({ apart: 'COMPLETED', join: 'SKIPPED' });
  });

  test('skips a join whose other dependency completed before', () => {
    const { state } = play(diamond, begin, ...work('t'), ...work('l'), claim('r'), fail('r'));
    expect(statuses(state)).toEqual({ t: 'COMPLETED', l: 'COMPLETED', r: 'FAILED', j: 'SKIPPED' });
    expect(state.status).toBe('FAILED');
  });

  test('is cancelled at once, and whoever works on it is told to stop', () => {
    const { state, commands } = play(diamond, begin, ...work('t'), claim('l'), { type: 'cancel' });
    expect(state.status).toBe('CANCELLED');
    expect(statuses(state)).toEqual({ t: 'COMPLETED', l: 'CANCELLED', r: 'CANCELLED', j: 'CANCELLED' });
    expect(commands).toEqual([
      { type: 'stop', nodeIds: ['l'] },
      { type: 'finish', status: 'CANCELLED' },
    ]);
  });

  test('can be cancelled before it has begun', () => {
    const { state, commands } = play(diamond, { type: 'cancel' });
    expect(state.status).toBe('CANCELLED');
    expect(commands).toEqual([{ type: 'finish', status: 'CANCELLED' }]);
    expect(decide(state, begin)).toEqual({ state, commands: [] });
  });

  test('fails when its time is over', () => {
    const { state, commands } = play(diamond, begin, claim('t'), { type: 'expire' });
    expect(state.status).toBe('FAILED');
    expect(new Set(Object.values(statuses(state)))).toEqual(new Set(['CANCELLED']));
    expect(commands).toEqual([
      { type: 'stop', nodeIds: ['t'] },
      { type: 'finish', status: 'FAILED' },
    ]);
  });

  test.each(runStatuses.filter(isRunFinished))('that is %s stays so, whatever happens', (status) => {
    const run: RunState = { ...runOf(['a']), status };
    const events = [begin, claim('a'), complete('a'), fail('a'), retry('a'), rescue('a')];
    for (const event of [...events, { type: 'cancel' } as const, { type: 'expire' } as const]) {
      const decision = decide(run, event);
      expect(decision.state).toBe(run);
      expect(decision.commands).toEqual([]);
    }
  });
});

describe('an attempt', () => {
  const running = play(runOf(['a', 'b'], ['a>b']), begin, claim('a')).state;

  test('is claimed once', () => {
    expect(decide(running, claim('a'))).toEqual({ state: running, commands: [] });
  });

  test('is not claimed before the run has begun', () => {
    const queued: RunState = { ...runOf(['a']), status: 'PENDING' };
    const early = { ...queued, nodes: new Map([['a', { ...queued.nodes.get('a')!, status: 'QUEUED' as const }]]) };
    expect(decide(early, claim('a')).state).toBe(early);
  });

  test('ends once: a second completion changes nothing', () => {
    const completed = play(running, complete('a')).state;
    expect(completed.nodes.get('b')).toMatchObject({ status: 'QUEUED', pendingDependencies: 0 });
    for (const event of [complete('a'), fail('a'), retry('a'), rescue('a'), claim('a')]) {
      expect(decide(completed, event)).toEqual({ state: completed, commands: [] });
    }
  });

  test('that is retried goes back to the queue under the next number', () => {
    const { state, commands } = decide(running, retry('a'));
    expect(state.nodes.get('a')).toMatchObject({ status: 'QUEUED', attempt: 2, crashCount: 0 });
    expect(commands).toEqual([{ type: 'enqueue', nodeId: 'a', attempt: 2 }]);
  });

  test('that was rescued is fenced off: what its late worker says changes nothing', () => {
    const { state } = play(running, rescue('a'), claim('a', 2));
    for (const late of [complete('a', 1), fail('a', 1), retry('a', 1), rescue('a', 1), claim('a', 1)]) {
      expect(decide(state, late)).toEqual({ state, commands: [] });
    }
    expect(decide(state, complete('a', 2)).state.nodes.get('a')!.status).toBe('COMPLETED');
  });

  test('of a number that was never given out changes nothing', () => {
    expect(decide(running, complete('a', 2)).state).toBe(running);
    expect(decide(running, complete('ghost')).state).toBe(running);
  });

  test(`that dies with its worker ${maxCrashes} times fails, and skips what waits for it`, () => {
    const twice = play(running, rescue('a', 1), claim('a', 2), rescue('a', 2), claim('a', 3));
    expect(twice.state.nodes.get('a')).toMatchObject({ status: 'RUNNING', attempt: 3, crashCount: 2 });
    const { state, commands } = decide(twice.state, rescue('a', 3));
    expect(state.nodes.get('a')).toMatchObject({ status: 'FAILED', attempt: 3, crashCount: 3 });
    expect(statuses(state)).toEqual({ a: 'FAILED', b: 'SKIPPED' });
    expect(commands).toEqual([{ type: 'finish', status: 'FAILED' }]);
  });

  test('that is lost in an outage is not held against the node', () => {
    let { state } = play(running);
    for (let attempt = 1; attempt <= 2 * maxCrashes; attempt += 1) {
      ({ state } = play(state, rescue('a', attempt, false), claim('a', attempt + 1)));
    }
    expect(state.nodes.get('a')).toMatchObject({ status: 'RUNNING', crashCount: 0, attempt: 2 * maxCrashes + 1 });
  });

  test.each(nodeExecutionStatuses.filter((status) => status !== 'RUNNING'))(
    'cannot end while its node is %s',
    (status) => {
      const nodes = new Map(running.nodes).set('a', { ...running.nodes.get('a')!, status });
      const state: RunState = { status: 'RUNNING', nodes };
      for (const event of [complete('a'), fail('a'), retry('a'), rescue('a')]) {
        expect(decide(state, event).state).toBe(state);
      }
    },
  );
});

describe('a node that waits', () => {
  const waiting = play(runOf(['a', 'b'], ['a>b']), begin, claim('a'), suspend('a')).state;

  test("is nobody's: nothing that a worker says of it counts, and its run is not over", () => {
    expect(waiting.status).toBe('RUNNING');
    expect(statuses(waiting)).toEqual({ a: 'WAITING', b: 'PENDING' });
    for (const event of [claim('a'), complete('a'), fail('a'), retry('a'), rescue('a'), suspend('a')]) {
      expect(decide(waiting, event)).toEqual({ state: waiting, commands: [] });
    }
  });

  test('is completed by what it waited for, once: the first to say so wins', () => {
    const { state, commands } = decide(waiting, resolve('a'));
    expect(statuses(state)).toEqual({ a: 'COMPLETED', b: 'QUEUED' });
    expect(commands).toEqual([{ type: 'enqueue', nodeId: 'b', attempt: 1 }]);
    for (const late of [resolve('a'), giveUp('a'), resume('a')]) {
      expect(decide(state, late)).toEqual({ state, commands: [] });
    }
  });

  test('fails where it was given up, and what needs it is skipped', () => {
    const { state, commands } = decide(waiting, giveUp('a'));
    expect(statuses(state)).toEqual({ a: 'FAILED', b: 'SKIPPED' });
    expect(commands).toEqual([{ type: 'finish', status: 'FAILED' }]);
  });

  test('works on under the next number, whatever was said of the one that waited', () => {
    const { state, commands } = decide(waiting, resume('a'));
    expect(state.nodes.get('a')).toMatchObject({ status: 'QUEUED', attempt: 2, crashCount: 0 });
    expect(commands).toEqual([{ type: 'enqueue', nodeId: 'a', attempt: 2 }]);
    expect(decide(state, resolve('a')).state).toBe(state);
    expect(play(state, claim('a', 2), suspend('a', 2), resolve('a', undefined, 2)).state.nodes.get('b')).toMatchObject({
      status: 'QUEUED',
    });
  });

  test.each([{ type: 'cancel' }, { type: 'expire' }] as const)(
    'ends with its run, without anybody to stop: %j',
    (end) => {
      const { state, commands } = decide(waiting, end);
      expect(statuses(state)).toEqual({ a: 'CANCELLED', b: 'CANCELLED' });
      expect(commands).toEqual([{ type: 'finish', status: state.status }]);
      expect(decide(state, resolve('a')).state).toBe(state);
    },
  );

  test.each(nodeExecutionStatuses.filter((status) => status !== 'WAITING'))('is none while it is %s', (status) => {
    const state: RunState = {
      status: 'RUNNING',
      nodes: new Map(waiting.nodes).set('a', { ...waiting.nodes.get('a')!, status }),
    };
    for (const event of [resolve('a'), giveUp('a'), resume('a')]) expect(decide(state, event).state).toBe(state);
  });
});

describe('names that every object has', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const edges = names.slice(1).map((name, index) => `${names[index]}>${name}`);

  test('are completed like any other node', () => {
    let { state } = play(runOf(names, edges), begin);
    for (const name of names) ({ state } = play(state, ...work(name)));
    expect(state.status).toBe('COMPLETED');
    expect([...state.nodes].map(([id, { status }]) => [id, status])).toEqual(names.map((name) => [name, 'COMPLETED']));
  });

  test('are skipped like any other node', () => {
    const { state } = play(runOf(names, edges), begin, claim('__proto__'), fail('__proto__'));
    expect([...state.nodes.values()].map(({ status }) => status)).toEqual(['FAILED', 'SKIPPED', 'SKIPPED', 'SKIPPED']);
    expect(state.status).toBe('FAILED');
  });

  test('are nobody where the run has no such node', () => {
    const { state } = play(runOf(['a']), begin);
    for (const name of names) expect(decide(state, claim(name)).state).toBe(state);
  });
});

test('a failure at the head of 100,000 nodes in a line skips them all without recursion', () => {
  const ids = Array.from({ length: 100_000 }, (_, index) => `n${index}`);
  const nodes = ids.map((id, index): [string, NodeState] => [
    id,
    {
      status: 'PENDING',
      attempt: 1,
      crashCount: 0,
      pendingDependencies: index === 0 ? 0 : 1,
      dependents: ids.slice(index + 1, index + 2),
    },
  ]);
  const { state } = play({ status: 'PENDING', nodes: new Map(nodes) }, begin, claim('n0'), fail('n0'));
  expect(state.status).toBe('FAILED');
  expect([...state.nodes.values()].every(({ status }) => isNodeFinished(status))).toBe(true);
});

describe('branches', () => {
  /** A run whose edges are written `from.output>to`; one that ends in `?` is not needed. */
  function branching(ids: readonly string[], edges: readonly string[]): RunState {
    const parsed = edges.map((text) => {
      const [, from, out, to, optional] = /^(\w+)\.(\w+)>(\w+)(\??)$/.exec(text)!;
      return { to: to!, edge: { id: text, from: from!, out: out!, ...(optional === '?' ? {} : { need: 0 }) } };
    });
    const plain = runOf(ids, [...new Set(parsed.map(({ edge, to }) => `${edge.from}>${to}`))]);
    const nodes = [...plain.nodes].map(([id, node]): [string, NodeState] => [
      id,
      {
        ...node,
        edges: parsed.filter(({ to }) => to === id).map(({ edge }) => edge),
        handlesError: parsed.some(({ edge }) => edge.from === id && edge.out === 'error'),
      },
    ]);
    return { ...plain, nodes: new Map(nodes) };
  }
  const take = (nodeId: string, outputs: readonly string[], continuations: readonly string[] = []): RunEventInput[] => [
    claim(nodeId),
    { type: 'complete', nodeId, attempt: 1, continuations, outputs },
  ];
  const edgesOf = (state: RunState, id: string) => state.nodes.get(id)!.edges!.map((edge) => edge.state);
  const twoWays = branching(
    ['if', 'yes', 'no', 'further', 'merge'],
    ['if.true>yes', 'if.false>no', 'no.output>further', 'yes.output>merge', 'further.output>merge'],
  );

  test('the way that is not taken is skipped to where the ways meet, and the run completes', () => {
    const { state } = play(twoWays, begin, ...take('if', ['true']));
    expect(statuses(state)).toEqual({
      if: 'COMPLETED',
      yes: 'QUEUED',
      no: 'SKIPPED',
      further: 'SKIPPED',
      merge: 'PENDING',
    });
    expect(state.nodes.get('further')!.skipReason).toBe('branch');
    expect(edgesOf(state, 'merge')).toEqual([undefined, 'dead']);
    const { state: end, commands } = play(state, ...take('yes', ['output']), ...take('merge', ['output']));
    expect(edgesOf(end, 'merge')).toEqual(['live', 'dead']);
    expect(commands).toEqual([{ type: 'finish', status: 'COMPLETED' }]);
  });

  test('a worker goes on with what becomes ready behind what it skips', () => {
    const run = branching(['if', 'no', 'after'], ['if.false>no', 'no.output>after?', 'if.true>after']);
    const { state, commands } = play(run, begin, ...take('if', ['true'], ['after']));
    expect(statuses(state)).toEqual({ if: 'COMPLETED', no: 'SKIPPED', after: 'RUNNING' });
    expect(commands).toEqual([]);
  });

  test('a node waits while any edge is open, also one that it does without', () => {
    const run = branching(['a', 'b', 'c'], ['a.output>c', 'b.output>c?']);
    const { state } = play(run, begin, ...take('a', ['output']));
    expect(statuses(state)).toMatchObject({ c: 'PENDING' });
    expect(statuses(play(state, ...take('b', [])).state)).toMatchObject({ c: 'QUEUED' });
  });

  test('a run in which everything is skipped by a branch is COMPLETED', () => {
    const { state } = play(branching(['if', 'x'], ['if.true>x']), begin, ...take('if', []));
    expect(statuses(state)).toEqual({ if: 'COMPLETED', x: 'SKIPPED' });
    expect(state.status).toBe('COMPLETED');
  });

  test('an answer takes one way, and the others are skipped', () => {
    const { state } = play(twoWays, begin, claim('if'), suspend('if'), resolve('if', ['false']));
    expect(statuses(state)).toEqual({
      if: 'COMPLETED',
      yes: 'SKIPPED',
      no: 'QUEUED',
      further: 'PENDING',
      merge: 'PENDING',
    });
  });

  test('a failure whose error output leads on is handled: what hangs on the other outputs is skipped by a branch', () => {
    const run = branching(['bad', 'next', 'rescue'], ['bad.output>next', 'bad.error>rescue']);
    const failed = play(run, begin, claim('bad'), fail('bad'));
    expect(statuses(failed.state)).toEqual({ bad: 'FAILED', next: 'SKIPPED', rescue: 'QUEUED' });
    expect(failed.state.nodes.get('next')!.skipReason).toBe('branch');
    expect(failed.commands).toEqual([{ type: 'enqueue', nodeId: 'rescue', attempt: 1 }]);
    expect(play(failed.state, ...take('rescue', ['output'])).state.status).toBe('COMPLETED');
  });

  test('what handles an error is skipped where there is none', () => {
    const { state } = play(
      branching(['good', 'rescue'], ['good.error>rescue']),
      begin,
      claim('good'),
      complete('good'),
    );
    expect(statuses(state)).toEqual({ good: 'COMPLETED', rescue: 'SKIPPED' });
    expect(state.status).toBe('COMPLETED');
  });

  test('a failure that nobody handles skips what depends on it, on every way, and the run is FAILED', () => {
    const { state } = play(twoWays, begin, ...take('if', ['true']), claim('yes'), fail('yes'));
    expect(statuses(state)).toMatchObject({ yes: 'FAILED', merge: 'SKIPPED' });
    expect(state.nodes.get('merge')!.skipReason).toBe('failed');
    expect(state.status).toBe('FAILED');
  });
});
