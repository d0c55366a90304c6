import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { TerminalError } from '../core/errors/app-error.ts';
import type { Graph, GraphNode } from '../core/graph/graph.ts';
import { checkInvariants } from '../db/invariants/check.ts';
import { cancelRun } from '../db/runs/end.ts';
import type { TimedQuery } from '../db/statement.ts';
import { outputExecutor } from '../nodes/flow/output/executor.ts';
import { ifExecutor } from '../nodes/flow/if/executor.ts';
import { each, eachExecutors, items, listNodes } from '../testing/each-nodes.ts';
import { createTestEngine, describeOnBothQueues, quickSweeper, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf, sha256 } from '../testing/graphs.ts';

/** A text that a run can be given, under a name. */
const input = (id: string, name: string, text: string) => nodeOf(id, 'text', { text, input: { name } });
const output = (id: string, name: string) => nodeOf(id, 'output', { name });
const call = (id: string, workflowId: number, data: Record<string, unknown> = {}): GraphNode =>
  nodeOf(id, 'callWorkflow', { workflowId, ...data });

describeOnBothQueues('parts within parts', (kind) => {
  let engine: TestEngine;
  const refusals = new Map<string, number>();
  let release = () => {};
  /** What `refuse` gives for `stay` comes when the test says so. */
  const staying = new Promise<void>((done) => (release = done));
  const nodes = eachExecutors({
    shout: async (value) => ({ output: value.toUpperCase() }),
    star: async (value) => ({ output: `*${value}*` }),
    /** Refuses `bad` as often as the test says. */
    refuse: async (value) => {
      if (value === 'stay') await staying;
      const left = refusals.get(value) ?? 0;
      if (left === 0) return { output: `${value}!` };
      refusals.set(value, left - 1);
      throw new TerminalError('PROVIDER_BAD_REQUEST', `Not ${value}.`);
    },
    hold: (_value, { signal }) =>
      new Promise((_done, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });

  beforeAll(async () => {
    engine = await createTestEngine(kind, {
      definitions: listNodes,
      executors: [...nodes.executors, ifExecutor, outputExecutor],
    });
    await engine.startWorker();
  });
  afterAll(async () => {
    const broken = await checkInvariants(engine.pool, { leaseMs: 60_000, windowMs: null, limit: 10_000 });
    await engine.stop();
    expect(Object.entries(broken).filter(([, violations]) => violations > 0)).toEqual([]);
  });

  async function published(graph: Graph): Promise<number> {
    const { id } = await engine.createWorkflow(graph);
    await publish(id, graph, 1);
    return id;
  }

  async function publish(id: number, graph: Graph, number: number): Promise<void> {
    await engine.pool.query(
      `with v as (
         insert into workflow_versions (id, workflow_id, content_hash, data)
         values (gen_random_uuid(), $1::integer, $4, $2::jsonb) returning id)
       insert into published_versions (workflow_id, number, version_id, revision) select $1::integer, $3::integer, v.id, 1 from v`,
      [id, JSON.stringify(graph), number, sha256(`${id} ${number}`)],
    );
    await engine.pool.query('update workflows set live_version = $2 where id = $1', [id, number]);
  }

  async function outputsOf(runId: string, nodeId: string): Promise<unknown> {
    return (await engine.nodes(runId))[nodeId]?.output_data;
  }

  async function finished(graph: Graph, status = 'COMPLETED'): Promise<string> {
    const runId = await engine.start(graph);
    expect(await engine.finished(runId)).toMatchObject({ status });
    return runId;
  }

  test('go through a list within a list, in the order of both', async () => {
    const runId = await finished({
      nodes: [
        items('list', ['a b', 'c', 'd e f']),
        nodeOf('split', 'split'),
        each('do', 'shout'),
        each('more', 'star'),
      ],
      edges: [edgeOf('list', 'split'), edgeOf('split', 'do'), edgeOf('do', 'more')],
    });
    expect(await engine.nodes(runId)).toMatchObject({
      split: { output_data: { output: [['a', 'b'], ['c'], ['d', 'e', 'f']], errors: [] } },
      do: { output_data: { output: [['A', 'B'], ['C'], ['D', 'E', 'F']], errors: [[], [], []] } },
      more: { output_data: { output: [['*A*', '*B*'], ['*C*'], ['*D*', '*E*', '*F*']] } },
    });
  });

  test('go three lists deep, join an inner list, and come back', async () => {
    const runId = await finished({
      nodes: [
        items('list', ['a-b c', 'd']),
        nodeOf('words', 'split'),
        nodeOf('again', 'split'),
        each('do', 'shout'),
        nodeOf('inner', 'whole'),
        nodeOf('middle', 'whole'),
        nodeOf('all', 'whole'),
      ],
      edges: [
        edgeOf('list', 'words'),
        edgeOf('words', 'again'),
        edgeOf('again', 'do'),
        edgeOf('do', 'inner'),
        edgeOf('inner', 'middle'),
        edgeOf('middle', 'all'),
      ],
    });
    expect(await engine.nodes(runId)).toMatchObject({
      do: { output_data: { output: [[['A-B'], ['C']], [['D']]] } },
      inner: { output_data: { output: [['A-B', 'C'], ['D']] } },
      all: { output_data: { output: 'A-B C D' } },
    });
  });

  test('fail within a part, which fails the part; a retry executes what is missing and nothing else', async () => {
    refusals.set('bad', 1);
    const graph: Graph = {
      nodes: [
        items('list', ['good', 'fine bad last']),
        nodeOf('split', 'split'),
        each('do', 'star'),
        each('then', 'refuse'),
      ],
      edges: [edgeOf('list', 'split'), edgeOf('split', 'do'), edgeOf('do', 'then')],
    };
    refusals.set('*bad*', 1);
    const before = nodes.calls('star').length;
    const runId = await finished(graph, 'FAILED');
    expect(await engine.nodes(runId)).toMatchObject({ split: { status: 'FAILED', error_code: 'ELEMENTS_FAILED' } });
    const [stars, tries] = [nodes.calls('star').length, nodes.calls('refuse').length];
    expect(stars - before).toBeGreaterThanOrEqual(3);
    const again = await engine.starter.retry({ retryOf: runId, userId: 'user-1' });
    expect(await engine.finished(again.id)).toMatchObject({ status: 'COMPLETED' });
    expect(await outputsOf(again.id, 'then')).toEqual({ output: [['*good*!'], ['*fine*!', '*bad*!', '*last*!']] });
    // Nothing that completed is executed again: only the element that failed, and one that was never begun.
    expect(
      nodes
        .calls('star')
        .slice(stars)
        .filter((value) => value !== 'last'),
    ).toEqual([]);
    expect(
      nodes
        .calls('refuse')
        .slice(tries)
        .filter((value) => value !== '*last*'),
    ).toEqual(['*bad*']);
  });

  test('end with the run that is canceled, however deep they are', async () => {
    const own = await createTestEngine(kind, { definitions: listNodes, executors: nodes.executors });
    try {
      // Its own sweeper would end what is to be found here.
      await own.startWorker({ sweeper: { ...quickSweeper, intervalMs: 3_600_000 } });
      const runId = await own.start({
        nodes: [items('list', ['a b', 'c']), nodeOf('split', 'split'), each('do', 'hold')],
        edges: [edgeOf('list', 'split'), edgeOf('split', 'do')],
      });
      await eventually(() => expect(nodes.calls('hold').length).toBe(3));
      // A sweeper comes in between and ends the outer parts, once they were listed.
      let isBetween = true;
      const ended = await cancelRun(
        {
          query: async <Row extends pg.QueryResultRow>(config: TimedQuery) => {
            const found = await own.pool.query<Row>(config);
            if (config.name !== 'list-unfinished-parts' || !isBetween) return found;
            isBetween = false;
            await own.pool.query(
              `with n as (update node_executions set status = 'CANCELLED' where run_id = any ($1) and status in ('WAITING', 'PENDING'))
               update workflow_runs set status = 'CANCELLED', unfinished_nodes = 0, finished_at = now() where id = any ($1)`,
              [found.rows.map((row) => row['id'])],
            );
            return found;
          },
        },
        runId,
      );
      expect(ended).toHaveLength(1 + 3);
      const { rows } = await own.pool.query<{ status: string }>(
        `with recursive tree as (
           select id, status from workflow_runs where id = $1
           union all
           select p.id, p.status from tree t join workflow_runs p on p.parent_run_id = t.id)
         select distinct status from tree`,
        [runId],
      );
      expect(rows).toEqual([{ status: 'CANCELLED' }]);
    } finally {
      await own.stop();
    }
  });

  test('are held against the limit of the whole run', async () => {
    const small = await createTestEngine(kind, { definitions: listNodes, executors: nodes.executors });
    try {
      await small.startWorker({ regions: { maxElements: 100, maxExecutions: 7 } });
      const graph = (list: readonly string[]): Graph => ({
        nodes: [items('list', list), nodeOf('split', 'split'), each('do', 'star')],
        edges: [edgeOf('list', 'split'), edgeOf('split', 'do')],
      });
      const fits = await small.start(graph(['a b c']));
      expect(await small.finished(fits)).toMatchObject({ status: 'COMPLETED' });
      const large = await small.start(graph(['a b', 'c d']));
      expect(await small.finished(large)).toMatchObject({ status: 'FAILED' });
    } finally {
      await small.stop();
    }
  });

  test('count once toward that limit where an element is gone through again', async () => {
    const executions = async (run: string) =>
      (await engine.pool.query('select region_executions as count from workflow_runs where id = $1', [run])).rows;
    refusals.set('late', 2);
    const runId = await engine.start({
      nodes: [
        items('list', ['a late', 'b stay c']),
        nodeOf('split', 'split', { each: { concurrency: 2, onError: 'goOn' } }),
        each('do', 'refuse', { each: { concurrency: 1 } }),
      ],
      edges: [edgeOf('list', 'split'), edgeOf('split', 'do')],
    });
    const driver = (await engine.nodes(runId))['split']!.id;
    for (let tries = 0; tries < 2; tries += 1) {
      await eventually(async () => {
        const { rows } = await engine.pool.query('select failed, again from run_regions where node_execution_id = $1', [
          driver,
        ]);
        expect(rows).toEqual([{ failed: 1, again: 0 }]);
      });
      expect(await executions(runId)).toEqual([{ count: 5 }]);
      const steered = { executionId: driver, runId, wholeRunId: runId, action: 'retryFailed' } as const;
      expect(await engine.starter.steer(steered)).toMatchObject({ failed: 0 });
    }
    await eventually(async () => {
      const { rows } = await engine.pool.query('select completed from run_regions where node_execution_id = $1', [
        driver,
      ]);
      expect(rows).toEqual([{ completed: 1 }]);
    });
    release();
    expect(await engine.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await executions(runId)).toEqual([{ count: 5 }]);
    expect(nodes.calls('refuse').filter((value) => value === 'late')).toHaveLength(3);
  });

  /** in -> do -> result */
  const oneStep = (script: string): Graph => ({
    nodes: [input('in', 'word', 'none'), each('do', script), output('out', 'result')],
    edges: [edgeOf('in', 'do'), edgeOf('do', 'out', { targetHandle: 'value' })],
  });

  test('are those of a called workflow, whose results are what the call puts out', async () => {
    const workflow = await published(oneStep('shout'));
    const runId = await finished({
      nodes: [
        nodeOf('text', 'text', { text: 'hello' }),
        call('call', workflow),
        call('own', workflow),
        each('end', 'star'),
      ],
      edges: [
        edgeOf('text', 'call', { targetHandle: 'word' }),
        edgeOf('call', 'end', { sourceHandle: 'result', targetHandle: 'input' }),
      ],
    });
    expect(await engine.nodes(runId)).toMatchObject({
      call: { output_data: { result: 'HELLO' } },
      // An input that is not connected has the value of the workflow itself.
      own: { output_data: { result: 'NONE' } },
      end: { output_data: { output: '*HELLO*' } },
    });
  });

  test('are pinned with the run: a version that is published later changes nothing in it', async () => {
    const workflow = await published(oneStep('shout'));
    const graph: Graph = {
      nodes: [nodeOf('text', 'text', { text: 'a' }), call('call', workflow)],
      edges: [edgeOf('text', 'call', { targetHandle: 'word' })],
    };
    const first = await finished(graph);
    await publish(workflow, oneStep('star'), 2);
    const second = await finished(graph);
    const third = await finished({ ...graph, nodes: [graph.nodes[0]!, call('call', workflow, { version: 1 })] });
    expect([await outputsOf(first, 'call'), await outputsOf(second, 'call'), await outputsOf(third, 'call')]).toEqual([
      { result: 'A' },
      { result: '*a*' },
      { result: 'A' },
    ]);
  });

  test('are frozen with a graph that runs are started of later', async () => {
    const called = await published(oneStep('shout'));
    const workflow = await engine.createWorkflow({
      nodes: [input('text', 'said', 'none'), call('call', called)],
      edges: [edgeOf('text', 'call', { targetHandle: 'word' })],
    });
    const versionId = await engine.starter.freeze(workflow, 'user-1', 0);
    await publish(called, oneStep('star'), 2);
    await engine.pool.query('update workflows set live_version = null where id = $1', [called]);
    for (const [inputs, result] of [
      [{}, 'NONE'],
      [{ said: 'a' }, 'A'],
    ] as const) {
      const frozen = { versionId, published: null };
      const started = {
        userId: 'user-1',
        triggerType: 'BATCH',
        workflow: { id: workflow.id, frozen },
        inputs,
      } as const;
      const { id } = await engine.starter.start(started);
      await engine.finished(id);
      expect(await outputsOf(id, 'call')).toEqual({ result });
    }
  });

  test('are made once for each element where a call is mapped, and calls go on within calls', async () => {
    const inner = await published(oneStep('shout'));
    const middle = await published({
      nodes: [input('in', 'word', 'none'), call('deeper', inner), each('star', 'star'), output('out', 'result')],
      edges: [
        edgeOf('in', 'deeper', { targetHandle: 'word' }),
        edgeOf('deeper', 'star', { sourceHandle: 'result', targetHandle: 'input' }),
        edgeOf('star', 'out', { targetHandle: 'value' }),
      ],
    });
    const runId = await finished({
      nodes: [items('list', ['a', 'b', 'c']), call('call', middle), nodeOf('all', 'whole')],
      edges: [edgeOf('list', 'call', { targetHandle: 'word' }), edgeOf('call', 'all', { sourceHandle: 'result' })],
    });
    expect(await engine.nodes(runId)).toMatchObject({
      call: { output_data: { result: ['*A*', '*B*', '*C*'], errors: [] } },
      all: { output_data: { output: '*A* *B* *C*' } },
    });
  });

  test('go through the lists of a called workflow', async () => {
    const workflow = await published({
      nodes: [
        input('in', 'words', 'none'),
        nodeOf('split', 'split'),
        each('do', 'shout'),
        nodeOf('all', 'whole'),
        output('out', 'each'),
        output('out2', 'joined'),
      ],
      edges: [
        edgeOf('in', 'split'),
        edgeOf('split', 'do'),
        edgeOf('do', 'all'),
        edgeOf('do', 'out', { targetHandle: 'value' }),
        edgeOf('all', 'out2', { targetHandle: 'value' }),
      ],
    });
    const runId = await finished({
      nodes: [items('list', ['a b', 'c']), call('call', workflow)],
      edges: [edgeOf('list', 'call', { targetHandle: 'words' })],
    });
    expect(await outputsOf(runId, 'call')).toEqual({ each: [['A', 'B'], ['C']], joined: ['A B', 'C'], errors: [] });
  });

  test('skip what hangs on a result that no branch of a called workflow led to', async () => {
    const workflow = await published({
      nodes: [
        input('in', 'word', 'none'),
        nodeOf('if', 'if', { operator: 'contains', operand: 'x' }),
        output('yes', 'yes'),
        output('no', 'no'),
      ],
      edges: [
        edgeOf('in', 'if'),
        edgeOf('if', 'yes', { sourceHandle: 'true', targetHandle: 'value' }),
        edgeOf('if', 'no', { sourceHandle: 'false', targetHandle: 'value' }),
      ],
    });
    const runId = await finished({
      nodes: [nodeOf('text', 'text', { text: 'box' }), call('call', workflow), output('a', 'a'), output('b', 'b')],
      edges: [
        edgeOf('text', 'call', { targetHandle: 'word' }),
        edgeOf('call', 'a', { sourceHandle: 'yes', targetHandle: 'value' }),
        edgeOf('call', 'b', { sourceHandle: 'no', targetHandle: 'value' }),
      ],
    });
    expect(await engine.nodes(runId)).toMatchObject({
      call: { output_data: { yes: 'box' } },
      a: { output_data: { output: 'box' } },
      b: { status: 'SKIPPED', error_code: null },
    });
  });

  test('fail the call with the message of what failed in it; a retry goes on inside', async () => {
    const workflow = await published({
      nodes: [input('in', 'word', 'none'), each('first', 'star'), each('second', 'refuse'), output('out', 'result')],
      edges: [edgeOf('in', 'first'), edgeOf('first', 'second'), edgeOf('second', 'out', { targetHandle: 'value' })],
    });
    refusals.set('*once*', 1);
    const runId = await finished(
      {
        nodes: [nodeOf('text', 'text', { text: 'once' }), call('call', workflow)],
        edges: [edgeOf('text', 'call', { targetHandle: 'word' })],
      },
      'FAILED',
    );
    expect(await engine.nodes(runId)).toMatchObject({
      call: { status: 'FAILED', error_code: 'CALL_FAILED', error: expect.stringContaining('Not *once*.') },
    });
    const before = nodes.calls('star').length;
    const again = await engine.starter.retry({ retryOf: runId, userId: 'user-1' });
    expect(await engine.finished(again.id)).toMatchObject({ status: 'COMPLETED' });
    expect(await outputsOf(again.id, 'call')).toEqual({ result: '*once*!' });
    expect(nodes.calls('star').length).toBe(before);
  });

  test('refuse a call of what is not there, not published, no version, or the workflow itself', async () => {
    const { id: draft } = await engine.createWorkflow(oneStep('shout'));
    const calling = (node: GraphNode): Graph => ({ nodes: [node], edges: [] });
    await engine.pool.query(
      `insert into users (id, email) values ('user-2', 'user-2@example.org') on conflict do nothing`,
    );
    const foreign = await published(oneStep('shout'));
    await engine.pool.query(`update workflows set user_id = 'user-2' where id = $1`, [foreign]);
    const circular = await engine.createWorkflow(oneStep('shout'));
    await publish(circular.id, calling(call('self', circular.id)), 1);
    for (const [node, message] of [
      [call('call', 999_999), /There is no workflow 999999/],
      [call('call', foreign), /There is no workflow/],
      [call('call', draft), /is not published/],
      [call('call', await published(oneStep('shout')), { version: 7 }), /has no version 7/],
      [call('call', circular.id), /would call itself/],
    ] as const) {
      await expect(engine.start(calling(node))).rejects.toMatchObject({
        code: 'CALL_INVALID',
        message: expect.stringMatching(message),
        findings: [{ nodeIds: ['call'] }],
      });
    }
    await expect(engine.start(calling(nodeOf('call', 'callWorkflow')))).rejects.toMatchObject({
      code: 'NODE_DATA_INVALID',
    });
  });

  test('are eight calls deep at most', async () => {
    let workflow = await published(oneStep('shout'));
    const around = (inner: number): Graph => ({
      nodes: [input('in', 'word', 'none'), call('call', inner), output('out', 'result')],
      edges: [
        edgeOf('in', 'call', { targetHandle: 'word' }),
        edgeOf('call', 'out', { sourceHandle: 'result', targetHandle: 'value' }),
      ],
    });
    for (let depth = 2; depth <= 8; depth += 1) workflow = await published(around(workflow));
    const runId = await finished({
      nodes: [nodeOf('text', 'text', { text: 'deep' }), call('call', workflow)],
      edges: [edgeOf('text', 'call', { targetHandle: 'word' })],
    });
    expect(await outputsOf(runId, 'call')).toEqual({ result: 'DEEP' });
    const ninth = await published(around(workflow));
    await expect(engine.start({ nodes: [call('call', ninth)], edges: [] })).rejects.toMatchObject({
      code: 'CALL_INVALID',
      message: expect.stringMatching(/more than 8 deep/),
    });
  });
});
