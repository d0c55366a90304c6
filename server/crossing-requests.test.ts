import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { eventually } from '../testing/eventually.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

/*
 * Two requests at the same moment. Which one is first is made certain by locks:
 * a third connection holds the row that both need until both have come to it,
 * or until the second one is over without it.
 */
describe('security case 15: two requests that cross', () => {
  let server: TestServer;
  let user: TestUser;
  let player: RunPlayer;
  let holder: pg.PoolClient;
  beforeAll(async () => {
    server = await startTestServer();
    user = await server.addUser();
    player = await createRunPlayer(server.database.pool);
  });
  beforeEach(async () => {
    holder = await server.database.pool.connect();
  });
  afterEach(async () => {
    await holder.query('rollback');
    holder.release();
  });
  afterAll(() => server.stop());

  const waiting = async () => {
    const { rows } = await server.database.pool.query<{ count: number }>(
      `select count(*)::integer as count from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows[0]!.count;
  };

  /** What both are answered, where the first one comes to the row first. */
  async function cross(
    [lock, id]: readonly [string, string | number],
    first: () => ReturnType<TestUser['call']>,
    second: () => ReturnType<TestUser['call']>,
  ): Promise<string> {
    await holder.query('begin');
    await holder.query(lock, [id]);
    const answers = [first()];
    await eventually(async () => (await waiting()) === 1);
    let isOver = false;
    const late = second().finally(() => (isOver = true));
    answers.push(late);
    await eventually(async () => isOver || (await waiting()) === 2);
    await holder.query('commit');
    const [one, two] = await Promise.all(answers);
    return [one!, two!].map(({ status, body }) => [status, body?.code].filter(Boolean).join(' ')).join(', ');
  }

  const workflowRow = 'select from workflows where id = $1 for update';
  const runRow = 'select from workflow_runs where id = $1 for update';

  async function addWorkflow(): Promise<number> {
    const { body } = await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } });
    return body.id;
  }
  async function addRun(end?: 'failed' | 'finished'): Promise<string> {
    const { body } = await user.call('POST', `/api/workflows/${await addWorkflow()}/run`);
    if (end === 'failed') await player.fail(body.id, 'no');
    if (end === 'finished') await player.finish(body.id);
    return body.id;
  }
  const addOwner = async () => server.signIn(await server.addUser('owner'));
  const remove = (path: string) => () => user.call('DELETE', path);

  test.each([
    ['a save', 'PUT', '', { name: 'new', version: 1 }, '204, 404 WORKFLOW_NOT_FOUND', '200, 204'],
    ['a start', 'POST', '/run', {}, '204, 404 WORKFLOW_NOT_FOUND', null],
    // Reads alone, and sees what was there when it began.
    ['a plan', 'POST', '/plan', {}, '204, 200', null],
    ['the list of runs', 'GET', '/runs', undefined, '204, 200', null],
    ['a deletion', 'DELETE', '', undefined, '204, 404 WORKFLOW_NOT_FOUND', null],
  ] as const)('deletion of a workflow and %s', async (_, method, path, body, deletedFirst, deletedLast) => {
    const doomed = await addWorkflow();
    const other = (id: number) => () =>
      user.call(method, `/api/workflows/${id}${path}`, body === undefined ? {} : { body });
    expect(await cross([workflowRow, doomed], remove(`/api/workflows/${doomed}`), other(doomed))).toBe(deletedFirst);
    if (deletedLast === null) return;
    const second = await addWorkflow();
    expect(await cross([workflowRow, second], other(second), remove(`/api/workflows/${second}`))).toBe(deletedLast);
  });

  test('a start and the deletion of its workflow: it is accepted, or there is no such workflow', async () => {
    const doomed = await addWorkflow();
    const start = () => user.call('POST', `/api/workflows/${doomed}/run`);
    const answers = await cross([workflowRow, doomed], start, remove(`/api/workflows/${doomed}`));
    expect(answers).toMatch(/^(202|404 WORKFLOW_NOT_FOUND|404 RUN_NOT_FOUND), 204$/);
  });

  test('deletion of a workflow and the retry of its run', async () => {
    const runId = await addRun('failed');
    const { body } = await user.call('GET', `/api/runs/${runId}`);
    const retry = () => user.call('POST', `/api/runs/${runId}/retry`);
    const path = `/api/workflows/${body.workflowId}`;
    expect(await cross([workflowRow, body.workflowId], remove(path), retry)).toBe('204, 404 WORKFLOW_NOT_FOUND');
  });

  test('deletion of a run and its retry: the new run does not need the old one', async () => {
    const runId = await addRun('failed');
    const retry = () => user.call('POST', `/api/runs/${runId}/retry`);
    expect(await cross([runRow, runId], remove(`/api/runs/${runId}`), retry)).toBe('204, 202');
  });

  test.each(['', '/events', '/graph'])(
    'deletion of a run and a look at it (%s): what was there, and then 404',
    async (path) => {
      const runId = await addRun('finished');
      const look = () => user.call('GET', `/api/runs/${runId}${path}`);
      expect(await cross([runRow, runId], remove(`/api/runs/${runId}`), look)).toBe('204, 200');
      expect(await look()).toMatchObject({ status: 404, body: { code: 'RUN_NOT_FOUND' } });
    },
  );

  test('deletion of a run and another deletion', async () => {
    const runId = await addRun('finished');
    const path = `/api/runs/${runId}`;
    expect(await cross([runRow, runId], remove(path), remove(path))).toBe('204, 404 RUN_NOT_FOUND');
  });

  test('cancellation of a run and its deletion: what is cancelled at that moment may be deleted', async () => {
    const runId = await addRun();
    const cancel = () => user.call('POST', `/api/runs/${runId}/cancel`);
    const answers = await cross([runRow, runId], cancel, remove(`/api/runs/${runId}`));
    expect(['202, 204', '200, 204', '202, 409 RUN_NOT_FINISHED', '200, 409 RUN_NOT_FINISHED']).toContain(answers);
  });

  test('deletion of a workflow and the cancellation of its run: it is cancelled before, or gone', async () => {
    const runId = await addRun();
    const { body } = await user.call('GET', `/api/runs/${runId}`);
    const cancel = () => user.call('POST', `/api/runs/${runId}/cancel`);
    const path = `/api/workflows/${body.workflowId}`;
    const answers = await cross([runRow, runId], remove(path), cancel);
    expect(answers).toMatch(/^204, (202|404 RUN_NOT_FOUND)$/);
  });

  test('removal of an owner and the invitation that the owner sends', async () => {
    const [owner, stays] = [await addOwner(), await addOwner()];
    const row = 'select from users where id = $1 for update';
    const invite = () =>
      owner.call('POST', '/api/invitations', { body: { email: 'guest@example.com', role: 'member' } });
    const answers = await cross([row, owner.id], () => stays.call('DELETE', `/api/members/${owner.id}`), invite);
    expect(answers).toMatch(/^204, (401|403) /);
    const { rows } = await server.database.pool.query(`select from invitations where invited_by = $1`, [owner.id]);
    expect(rows).toEqual([]);
  });

  test('an invitation and the removal of the owner who sends it: it does not outlive the account', async () => {
    const [owner, stays] = [await addOwner(), await addOwner()];
    const row = 'select from users where id = $1 for update';
    const invite = () =>
      owner.call('POST', '/api/invitations', { body: { email: 'guest2@example.com', role: 'member' } });
    const answers = await cross([row, owner.id], invite, () => stays.call('DELETE', `/api/members/${owner.id}`));
    expect(answers).toBe('201, 204');
    const { rows } = await server.database.pool.query(
      `select from invitations where invited_by = $1 and accepted_at is null`,
      [owner.id],
    );
    expect(rows).toEqual([]);
  });
});
