import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { maxStartsPerRequest, startedRunsSchema } from '../core/api/start-runs.ts';
import { countStatements, type StatementCount } from '../testing/count-statements.ts';
import { eventually } from '../testing/eventually.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

describe('many starts in one request', () => {
  let count: StatementCount;
  let server: TestServer;
  let user: TestUser;
  beforeAll(async () => {
    count = countStatements('heddle-server');
    server = await startTestServer(
      { RUN_ACTIVE_PER_USER: '5', RUN_QUEUE_PER_USER: '20' },
      // What asks anew who is asking is not counted here.
      { recheckMs: 3_600_000, doesDuties: false },
    );
  });
  afterAll(async () => {
    await server.stop();
    count.stop();
  });

  /** Each test has a user of its own, with a quota of its own. */
  async function addWorkflow(data: object = smallGraph()): Promise<number> {
    user = await server.addUser();
    return (await user.call('POST', '/api/workflows', { body: { name: 'w', data } })).body.id;
  }
  async function start(workflow: number, runs: readonly object[]) {
    const { status, body } = await user.call('POST', `/api/workflows/${workflow}/runs`, { body: { runs } });
    return { status, items: startedRunsSchema.parse(body).items };
  }
  const storedRuns = async (workflow: number): Promise<string[]> =>
    (await server.database.pool.query('select id from workflow_runs where workflow_id = $1', [workflow])).rows.map(
      ({ id }: { id: string }) => id,
    );
  const keyed = (keys: readonly string[]) => keys.map((idempotencyKey) => ({ idempotencyKey }));
  const codesOf = (items: Awaited<ReturnType<typeof start>>['items']) =>
    items.map(({ run, problem }) => problem?.code ?? run?.status);

  test('are all durable with the answer, in their order, each with its own fields', async () => {
    const workflow = await addWorkflow();
    const { status, items } = await start(workflow, [{}, { useCache: false }, { mode: 'to', nodeIds: ['a'] }]);
    expect(status).toBe(202);
    expect(items.map(({ run }) => [run?.mode, run?.nodeIds])).toEqual([
      ['all', null],
      ['all', null],
      ['to', ['a']],
    ]);
    expect((await storedRuns(workflow)).toSorted()).toEqual(items.map(({ run }) => run?.id).toSorted());
    const {
      nodeExecutions: _left,
      inputs: _in,
      outputs: _out,
      ...run
    } = (await user.call('GET', `/api/runs/${items[1]!.run!.id}`)).body;
    expect(items[1]).toEqual({ run, replayed: false, problem: null, retryAfter: null });
  });

  test('with keys of their own take few statements', async () => {
    const workflow = await addWorkflow();
    await start(workflow, [{}]);
    count.take();
    const { items } = await start(
      workflow,
      keyed(Array.from({ length: 20 }, (_, index) => `few ${index}`.replace(' ', '-'))),
    );
    expect(count.take().length).toBeLessThanOrEqual(12);
    expect(new Set(items.map(({ run }) => run?.id)).size).toBe(20);
  });

  test('end where the quota is reached, in the middle: what has a run is durable, the others say why', async () => {
    const workflow = await addWorkflow();
    const { status, items } = await start(
      workflow,
      Array.from({ length: 30 }, () => ({})),
    );
    expect(status).toBe(207);
    const started = items.filter(({ run }) => run !== null);
    expect(started).toHaveLength(25);
    expect((await storedRuns(workflow)).toSorted()).toEqual(started.map(({ run }) => run?.id).toSorted());
    for (const { problem, retryAfter } of items.filter(({ run }) => run === null)) {
      expect(problem).toMatchObject({ status: 429, code: 'RUN_QUEUE_FULL' });
      expect(retryAfter).toBeGreaterThan(0);
    }
  });

  test('that come again with their keys are the same runs, whichever of them were started the first time', async () => {
    const workflow = await addWorkflow();
    const keys = Array.from({ length: 30 }, () => randomUUID());
    const first = await start(workflow, keyed(keys));
    expect(first.items.filter(({ run }) => run !== null)).toHaveLength(25);
    await server.database.pool.query(
      `update workflow_runs set status = 'CANCELLED', finished_at = now() where workflow_id = $1`,
      [workflow],
    );
    const second = await start(workflow, keyed(keys));
    expect(second.status).toBe(202);
    for (const [index, { run, replayed }] of second.items.entries()) {
      const before = first.items[index]!.run;
      expect(replayed).toBe(before !== null);
      if (before !== null) expect(run?.id).toBe(before.id);
    }
    expect(await storedRuns(workflow)).toHaveLength(30);
  });

  test('with the same key twice are one run, and another one under a key that was used is refused', async () => {
    const workflow = await addWorkflow();
    const single = await user.call('POST', `/api/workflows/${workflow}/run`, {
      headers: { 'idempotency-key': 'single' },
    });
    const { status, items } = await start(workflow, [
      { idempotencyKey: 'twice' },
      { idempotencyKey: 'twice' },
      { idempotencyKey: 'twice', useCache: false },
      { idempotencyKey: 'single' },
    ]);
    expect(status).toBe(207);
    expect(items[1]).toMatchObject({ run: { id: items[0]!.run!.id }, replayed: true });
    expect(items[2]!.problem).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(items[3]).toMatchObject({ run: { id: single.body.id }, replayed: true });
    expect(await storedRuns(workflow)).toHaveLength(2);
  });

  test('are told of one by one: what is wrong with one keeps no other from its run', async () => {
    const workflow = await addWorkflow();
    const { items } = await start(workflow, [{ nodeIds: ['x'] }, {}, { version: 7 }, { nodeIds: ['b'] }, {}]);
    expect(codesOf(items)).toEqual([
      'NODE_NOT_FOUND',
      'PENDING',
      'WORKFLOW_VERSION_CONFLICT',
      'MISSING_UPSTREAM_OUTPUT',
      'PENDING',
    ]);
  });

  test('that a deletion of the workflow crosses say that it is gone', async () => {
    const workflow = await addWorkflow();
    const deleting = await server.database.pool.connect();
    await deleting.query('begin');
    await deleting.query('delete from workflows where id = $1', [workflow]);
    const starting = start(workflow, [{}, {}, {}]);
    await eventually(async () => {
      const { rows } = await server.database.pool.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows.length > 0;
    });
    await deleting.query('commit');
    deleting.release();
    const { status, items } = await starting;
    expect(status).toBe(207);
    expect(codesOf(items)).toEqual(['WORKFLOW_NOT_FOUND', 'WORKFLOW_NOT_FOUND', 'WORKFLOW_NOT_FOUND']);
    expect(await storedRuns(workflow)).toEqual([]);
  });

  test('of a server that died in the middle are finished by whoever asks again', async () => {
    const workflow = await addWorkflow();
    const keys = Array.from({ length: 6 }, () => randomUUID());
    const first = await start(workflow, keyed(keys));
    // As the death left it: two runs are there without an answer, two keys have neither, two never came so far.
    const { pool } = server.database;
    await pool.query(
      `update idempotency_keys set status = null, response = null, taken_at = '-infinity' where key = any ($1)`,
      [keys.slice(0, 4)],
    );
    await pool.query('delete from workflow_runs where id = any ($1)', [first.items.slice(2).map(({ run }) => run!.id)]);
    await pool.query('delete from idempotency_keys where key = any ($1)', [keys.slice(4)]);
    const second = await start(workflow, keyed(keys));
    expect(second.status).toBe(202);
    expect(second.items.slice(0, 2).map(({ run }) => run?.id)).toEqual(
      first.items.slice(0, 2).map(({ run }) => run?.id),
    );
    expect((await storedRuns(workflow)).toSorted()).toEqual(second.items.map(({ run }) => run?.id).toSorted());
  });

  test.each([
    ['none', { runs: [] }, 'runs'],
    ['too many', { runs: Array.from({ length: maxStartsPerRequest + 1 }, () => ({})) }, 'runs'],
    ['one with an unknown field', { runs: [{}, { status: 'COMPLETED' }] }, 'runs[1]'],
    ['one with a key that no header takes', { runs: [{ idempotencyKey: 'a b' }] }, 'runs[0].idempotencyKey'],
  ])('are refused as a whole where there are %s', async (_what, body, path) => {
    const workflow = await addWorkflow();
    const answer = await user.call('POST', `/api/workflows/${workflow}/runs`, { body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].path).toContain(path);
    expect(await storedRuns(workflow)).toEqual([]);
  });

  test('have no key together, and are nobody else’s', async () => {
    const workflow = await addWorkflow();
    const options = { body: { runs: [{}] } };
    const together = await user.call('POST', `/api/workflows/${workflow}/runs`, {
      ...options,
      headers: { 'idempotency-key': 'together' },
    });
    expect(together).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    const other = await server.addUser();
    expect((await other.call('POST', `/api/workflows/${workflow}/runs`, options)).status).toBe(404);
  });
});
