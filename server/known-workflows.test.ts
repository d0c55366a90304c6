import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runDetailSchema } from '../core/api/runs.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

describe('a workflow that runs were started of', () => {
  let server: TestServer;
  let user: TestUser;
  beforeAll(async () => {
    server = await startTestServer();
    user = await server.addUser();
  });
  afterAll(() => server.stop());

  const addWorkflow = async (data: object = smallGraph()): Promise<number> =>
    (await user.call('POST', '/api/workflows', { body: { name: 'w', data } })).body.id;
  const run = (workflow: number, body: object = {}) => user.call('POST', `/api/workflows/${workflow}/run`, { body });
  const graphOf = async (runId: string) => (await user.call('GET', `/api/runs/${runId}/graph`)).body;
  /** As another server would: this one is not told. */
  const change = (workflow: number, data: object) =>
    server.database.pool.query(`update workflows set data = $2, version = version + 1 where id = $1`, [
      workflow,
      JSON.stringify(data),
    ]);

  test('is run as it is now, whoever changed it since', async () => {
    const workflow = await addWorkflow();
    await run(workflow);
    await change(workflow, smallGraph('by another server'));
    expect(await graphOf((await run(workflow)).body.id)).toEqual(smallGraph('by another server'));
    await user.call('PUT', `/api/workflows/${workflow}`, { body: { data: smallGraph('here') } });
    expect(await graphOf((await run(workflow)).body.id)).toEqual(smallGraph('here'));
  });

  test('is run by many at once as it is now', async () => {
    const workflow = await addWorkflow();
    await run(workflow);
    await change(workflow, smallGraph('changed'));
    const answers = await Promise.all(Array.from({ length: 20 }, () => run(workflow)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
    for (const { body } of answers) expect(await graphOf(body.id)).toEqual(smallGraph('changed'));
  });

  test('that could not run, and was mended elsewhere, runs', async () => {
    const workflow = await addWorkflow({ nodes: [], edges: [] });
    expect((await run(workflow)).body.code).toBe('GRAPH_EMPTY');
    await change(workflow, smallGraph());
    expect((await run(workflow)).status).toBe(202);
  });

  test('is not run where another revision is meant, known here or not', async () => {
    const workflow = await addWorkflow();
    expect((await run(workflow, { version: 1 })).status).toBe(202);
    await change(workflow, smallGraph('second'));
    const late = await run(workflow, { version: 1 });
    expect(late).toMatchObject({ status: 409, body: { code: 'WORKFLOW_VERSION_CONFLICT', details: { version: 2 } } });
    const early = await run(workflow, { version: 3 });
    expect(early).toMatchObject({ status: 409, body: { code: 'WORKFLOW_VERSION_CONFLICT', details: { version: 2 } } });
    expect(await graphOf((await run(workflow, { version: 2 })).body.id)).toEqual(smallGraph('second'));
  });

  test('cannot be run once it is gone, and neither can somebody else’s', async () => {
    const workflow = await addWorkflow();
    await run(workflow);
    const other = await server.addUser();
    expect((await other.call('POST', `/api/workflows/${workflow}/run`)).status).toBe(404);
    await server.database.pool.query('delete from workflows where id = $1', [workflow]);
    for (let time = 0; time < 2; time += 1)
      expect(await run(workflow)).toMatchObject({ status: 404, body: { code: 'WORKFLOW_NOT_FOUND' } });
  });

  test('is answered as a reader finds it, with what was reused', async () => {
    const workflow = await addWorkflow();
    const whole = runDetailSchema.parse((await run(workflow)).body);
    expect((await user.call('GET', `/api/runs/${whole.id}`)).body).toEqual(whole);
    await server.database.pool.query(
      `update node_executions set status = 'QUEUED' where run_id = $1 and node_id = 'a'`,
      [whole.id],
    );
    await server.database.pool.query(
      `update node_executions set status = 'RUNNING', worker_id = gen_random_uuid() where run_id = $1 and node_id = 'a'`,
      [whole.id],
    );
    await server.database.pool.query(
      `update node_executions set status = 'COMPLETED', input_data = '{}', output_data = '{"output":"hello"}',
              finished_at = now() where run_id = $1 and node_id = 'a'`,
      [whole.id],
    );
    const part = runDetailSchema.parse((await run(workflow, { nodeIds: ['b'] })).body);
    expect(part.nodeExecutions.map(({ cached }) => cached)).toEqual([true, false]);
    expect((await user.call('GET', `/api/runs/${part.id}`)).body).toEqual(part);
  });
});
