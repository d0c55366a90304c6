import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { Graph } from '../../core/graph/graph.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { eventually } from '../../testing/eventually.ts';
import { graphOf } from '../../testing/graphs.ts';
import { problemOf } from './problem.ts';

describe('security case 15: a request that another one crosses', () => {
  let engine: TestEngine;
  let other: pg.PoolClient;
  beforeAll(async () => {
    engine = await createTestEngine('postgres');
    other = await engine.pool.connect();
  });
  afterAll(async () => {
    other.release();
    await engine.stop();
  });

  /** Whether somebody waits for a lock of the other request. */
  const waits = () =>
    eventually(async () => {
      const { rows } = await engine.pool.query(`select from pg_locks where not granted`);
      return rows.length > 0;
    });
  const answerTo = async (request: Promise<unknown>) =>
    request.then(
      () => 'done',
      (error: unknown) => {
        const { status, problem } = problemOf(error, { path: '/', requestId: 'x' });
        return `${status} ${problem.code}`;
      },
    );

  async function startWhileDeleted(workflow: { id: number; data: Graph }, end: 'commit' | 'rollback'): Promise<string> {
    await other.query('begin');
    await other.query('delete from workflows where id = $1', [workflow.id]);
    const answer = answerTo(engine.start(workflow.data, { workflow }));
    await waits();
    await other.query(end);
    return await answer;
  }

  test('starts no run of a workflow that is deleted at that moment: 404', async () => {
    const workflow = await engine.createWorkflow(graphOf(['a']));
    const answer = await startWhileDeleted(workflow, 'commit');
    expect(answer).toBe('404 WORKFLOW_NOT_FOUND');
  });

  test('starts no second run of a workflow, whose graph is frozen already, that is deleted at that moment: 404', async () => {
    const workflow = await engine.createWorkflow(graphOf(['a']));
    await engine.start(workflow.data, { workflow });
    const answer = await startWhileDeleted(workflow, 'commit');
    expect(answer).toBe('404 WORKFLOW_NOT_FOUND');
  });

  test('starts its run where the deletion is taken back', async () => {
    const workflow = await engine.createWorkflow(graphOf(['a']));
    expect(await startWhileDeleted(workflow, 'rollback')).toBe('done');
  });

  test('gives an account no address that another one takes at that moment: 409', async () => {
    await other.query('begin');
    await other.query(`insert into users (id, email) values ('user-2', 'new@example.org')`);
    const answer = answerTo(engine.pool.query(`update users set email = 'new@example.org' where id = 'user-1'`));
    await waits();
    await other.query('commit');
    expect(await answer).toBe('409 EMAIL_TAKEN');
  });

  test.each([
    [
      'api_keys',
      `insert into api_keys (id, user_id, name, prefix, key_hash) values (gen_random_uuid(), $1, 'k', 'p', $2)`,
    ],
    [
      'sessions',
      `insert into sessions (id, user_id, token_hash, expires_at, method) values (gen_random_uuid(), $1, $2, now(), 'link')`,
    ],
  ])('adds nothing to %s of an account that is deleted at that moment: 401', async (table, insert) => {
    const userId = `gone-${table}`;
    await engine.pool.query(`insert into users (id, email) values ($1, $2)`, [userId, `${userId}@example.org`]);
    await other.query('begin');
    await other.query('delete from users where id = $1', [userId]);
    const answer = answerTo(engine.pool.query(insert, [userId, Buffer.from(table)]));
    await waits();
    await other.query('commit');
    expect(await answer).toBe('401 AUTH_INVALID');
  });
});
