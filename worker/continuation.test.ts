import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRunPlayer } from '../testing/play-run.ts';
import { createTestEngine, describeOnBothQueues, recordingLogger, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, graphOf, nodeOf } from '../testing/graphs.ts';
import { advanceNodeExecutions } from '../db/nodes/advance.ts';
import { beginRuns } from '../db/runs/begin.ts';
import { createAdvance } from './advance.ts';

describeOnBothQueues('a worker that made a node ready', (kind) => {
  let engine: TestEngine;
  let passed: string[];
  beforeEach(async () => {
    passed = [];
    engine = await createTestEngine(kind, { worker: { at: (point) => void passed.push(point) } });
  });
  afterEach(() => engine.stop());

  /** The statuses that each node went through, in order. */
  async function storyOf(runId: string): Promise<Record<string, string[]>> {
    const nodes = Object.values(await engine.nodes(runId));
    const events = await engine.events(runId);
    return Object.fromEntries(
      nodes.map(({ id, node_id: nodeId }) => [
        nodeId,
        events
          .filter((event) => event.node_execution_id === id)
          .map((event) => String((event.payload as { status: unknown }).status)),
      ]),
    );
  }

  test('keeps what becomes ready with it where nobody else could begin it; a join runs once, with all its inputs', async () => {
    await engine.startWorker();
    const here = ['RUNNING', 'COMPLETED'];
    const stories: Record<string, string[]>[] = [];
    // Where the worker has no processor for seconds, another one could have begun a node; of five runs one has an idle moment.
    for (let run = 0; run < 5; run += 1) {
      const runId = await engine.start(graphOf(['a', 'b', 'c', 'd', 'e'], ['a>b', 'a>c', 'b>d', 'c>d', 'd>e']));
      expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED', unfinished_nodes: 0 });
      const { b, c, d } = await engine.nodes(runId);
      expect(d!.input_data).toEqual({ input: [b!.output_data!['output'], c!.output_data!['output']] });
      const events = await engine.events(runId);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      stories.push(await storyOf(runId));
    }
    expect(stories).toContainEqual({ a: here, b: here, c: here, d: here, e: here });
    for (const story of stories)
      for (const statuses of Object.values(story)) expect([here, ['QUEUED', ...here]]).toContainEqual(statuses);
  });

  test('begins and records a diamond on an idle installation with at most five statements, and claims nothing by itself', async () => {
    await engine.startWorker();
    const query = engine.pool.query.bind(engine.pool);
    let sent: { readonly name: string; readonly values: readonly unknown[] }[] = [];
    engine.pool.query = ((...args: Parameters<typeof query>) => {
      sent.push(args[0] as unknown as (typeof sent)[number]);
      return query(...args);
    }) as typeof engine.pool.query;
    const stories: { begins: number; advances: number; claims: number }[] = [];
    // Whoever has no processor for seconds asks again; of five runs one has an idle moment.
    for (let run = 0; run < 5; run += 1) {
      sent = [];
      await engine.finished(await engine.start(graphOf(['a', 'b', 'c', 'd'], ['a>b', 'a>c', 'b>d', 'c>d'])));
      const advances = sent.filter(({ name }) => name === 'advance-node-executions');
      stories.push({
        begins: sent.filter(({ name }) => name === 'begin-runs').length,
        advances: advances.length,
        claims: advances.flatMap(({ values }) => JSON.parse(String(values[1])) as unknown[]).length,
      });
    }
    // `b` and `c` are mostly in one.
    const best = stories.filter(
      ({ begins, advances, claims }) => begins + advances <= 5 && advances >= 3 && claims === 0,
    );
    expect([stories, best.length > 0]).toEqual([stories, true]);
  });

  test('executes first nodes once whose begin was sent twice, because it never came to the database', async () => {
    await engine.startWorker();
    const query = engine.pool.query.bind(engine.pool);
    let sent = 0;
    engine.pool.query = ((...args: Parameters<typeof query>) => {
      const { name } = args[0] as unknown as { readonly name: string };
      if (name === 'begin-runs' && (sent += 1) === 1) return Promise.reject(new Error('Connection terminated'));
      return query(...args);
    }) as typeof engine.pool.query;
    const runId = await engine.start(graphOf(['a', 'b'], []));
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(sent).toBeGreaterThanOrEqual(2);
    expect(passed.filter((point) => point === 'before-call')).toHaveLength(2);
  });

  test('has its places again where what it kept could not be begun', async () => {
    await engine.startWorker({ concurrency: { io: 1 } });
    // From this it knows that nodes are short.
    await engine.finished(await engine.start(graphOf(['first'])));
    const query = engine.pool.query.bind(engine.pool);
    let refused = 0;
    engine.pool.query = ((...args: Parameters<typeof query>) => {
      const { name } = args[0] as unknown as { readonly name: string };
      if (name !== 'list-dependency-outputs') return query(...args);
      refused += 1;
      return Promise.reject(new Error('No.'));
    }) as typeof engine.pool.query;
    const joins = graphOf(['a', 'b', 'c', 'd'], ['a>c', 'b>c', 'a>d', 'b>d']);
    const runId = await engine.start({
      // So long that nobody remembers it.
      nodes: [nodeOf('text', 'text', { text: 'x'.repeat(50_000) }), ...joins.nodes],
      edges: [edgeOf('text', 'a'), edgeOf('text', 'b'), ...joins.edges],
    });
    await eventually(() => refused >= 2);
    await engine.starter.cancel(runId);
    expect(await engine.finished(await engine.start(graphOf(['last'])))).toMatchObject({ status: 'COMPLETED' });
  });

  test('goes on with one where another worker may be idle; the rest goes through the queue', async () => {
    await engine.pool.query(
      `insert into workers (id, hostname, pid, version, pools, concurrency, heartbeat_at)
       values ($1, 'elsewhere', 1, 'test', '{io}', 1, now() + interval '1 day')`,
      [randomUUID()],
    );
    await engine.startWorker();
    const runId = await engine.start(graphOf(['a', 'b', 'c', 'd'], ['a>b', 'a>c', 'b>d', 'c>d']));
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const here = ['RUNNING', 'COMPLETED'];
    const queued = ['QUEUED', ...here];
    expect(await storyOf(runId)).toEqual({ a: queued, b: here, c: queued, d: here });
  });

  test('keeps no more than it has places for where nodes are long; the rest goes through the queue', async () => {
    await engine.startWorker({ concurrency: { io: 3 } });
    const leaves = Array.from({ length: 8 }, (_, index) => `n${index}`);
    const graph = graphOf(
      ['a', ...leaves],
      leaves.map((id) => `a>${id}`),
    );
    for (const node of graph.nodes) node.data = { ...node.data, ms: 60 };
    const runId = await engine.start(graph);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const queued = Object.values(await storyOf(runId)).filter((statuses) => statuses.includes('QUEUED'));
    // One is gone on with, two have the places beside it.
    expect(queued).toHaveLength(5);
  });

  test('lets short nodes wait for their places, and gives those to the queue that wait too long', async () => {
    await engine.startWorker({ concurrency: { io: 1 }, keptLateMs: 1 });
    // From this it knows that nodes are short.
    await engine.finished(await engine.start(graphOf(['a'])));
    const leaves = ['b', 'c', 'd', 'e'];
    const graph = graphOf(
      ['a', ...leaves],
      leaves.map((id) => `a>${id}`),
    );
    for (const node of graph.nodes) node.data = { ...node.data, ms: node.id === 'a' ? 0 : 50 };
    const runId = await engine.start(graph);
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const here = ['RUNNING', 'COMPLETED'];
    const handedBack = ['RUNNING', 'QUEUED', 'RUNNING', 'COMPLETED'];
    expect(await storyOf(runId)).toEqual({ a: here, b: here, c: handedBack, d: handedBack, e: handedBack });
  });

  test('sends long chains through the queue now and then, where others may be first', async () => {
    await engine.startWorker();
    const ids = Array.from({ length: 50 }, (_, index) => `n${index}`);
    const runId = await engine.start(
      graphOf(
        ids,
        ids.slice(1).map((id, index) => `${ids[index]}>${id}`),
      ),
    );
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const queued = Object.entries(await storyOf(runId)).filter(([, statuses]) => statuses.includes('QUEUED'));
    expect(queued.length).toBeGreaterThanOrEqual(2);
    expect(queued.length).toBeLessThan(25);
  });
});

describe('going on', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine('postgres');
  });
  afterEach(() => engine.stop());

  test('needs a live session: one that was expired may still record, but claims nothing', async () => {
    const player = await createRunPlayer(engine.pool);
    const runId = await engine.start(graphOf(['a', 'b'], ['a>b']));
    const { ready } = await beginRuns(engine.pool, [runId]);
    const { claims } = await advanceNodeExecutions(engine.pool, player.workerId, { completions: [], claims: ready });
    await engine.pool.query('update workers set expired_at = now()');
    const completions = claims.map(({ id, attempt }) => ({
      id,
      runId,
      attempt,
      inputs: {},
      outputs: { output: 'done' },
      cached: false,
      usage: null,
      continuesIn: 'io' as const,
    }));
    const advanced = await advanceNodeExecutions(engine.pool, player.workerId, { completions, claims: [] });
    expect(advanced).toMatchObject({ recorded: [claims[0]!.id], continuations: [] });
    expect(await engine.nodes(runId)).toMatchObject({ b: { status: 'QUEUED', worker_id: null } });
  });

  test('needs the attempt alone: of two jobs of one attempt, which a refilled queue may hold, one gets it', async () => {
    const player = await createRunPlayer(engine.pool);
    const runId = await engine.start(graphOf(['a']));
    const { ready } = await beginRuns(engine.pool, [runId]);
    const advance = createAdvance({
      pool: engine.pool,
      workerId: () => player.workerId,
      logger: recordingLogger(),
      onChanged: () => {},
      onRepeat: () => {},
      isActive: () => false,
      release: async () => {},
    });
    const claims = await Promise.all([ready[0]!, ready[0]!].map((request) => advance.claim(request)));
    expect(claims.filter((claim) => claim !== null)).toMatchObject([{ nodeId: 'a', attempt: 1 }]);
  });

  test('never crosses pools: a slot of one pool runs nothing of another', async () => {
    const player = await createRunPlayer(engine.pool);
    const runId = await engine.start(graphOf(['a', 'b'], ['a>b']));
    const { ready } = await beginRuns(engine.pool, [runId]);
    const { claims } = await advanceNodeExecutions(engine.pool, player.workerId, { completions: [], claims: ready });
    const completions = claims.map(({ id, attempt }) => ({
      id,
      runId,
      attempt,
      inputs: {},
      outputs: { output: 'done' },
      cached: false,
      usage: null,
      continuesIn: 'cpu' as const,
    }));
    const advanced = await advanceNodeExecutions(engine.pool, player.workerId, { completions, claims: [] });
    expect(advanced.continuations).toEqual([]);
    expect(advanced.ready).toMatchObject([{ runId, attempt: 1, pool: 'io' }]);
  });
});
