import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestServer, smallGraph, type TestServer, type TestUser } from '../testing/test-server.ts';
import { eventually } from '../testing/eventually.ts';
import { createRunPlayer } from '../testing/play-run.ts';

let server: TestServer;
let user: TestUser;
beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

/** A workflow with a text that is an input. */
async function makeWorkflow(by = user): Promise<number> {
  const graph = smallGraph();
  const [text, ...rest] = graph.nodes;
  const nodes = [{ ...text, data: { ...text!.data, input: { name: 'topic' } } }, ...rest];
  return (await by.call('POST', '/api/workflows', { body: { name: 'weekly', data: { ...graph, nodes } } })).body.id;
}

const weekly = { kind: 'schedule', cron: '0 9 * * MON', timeZone: 'europe/berlin' };

async function makeTrigger(body: object = weekly): Promise<ReturnType<typeof JSON.parse>> {
  const answer = await user.call('POST', `/api/workflows/${await makeWorkflow()}/triggers`, { body });
  expect(answer.status).toBe(201);
  return answer.body;
}

describe('a schedule', () => {
  test('is made with what people leave out, and shows its next five times', async () => {
    const trigger = await makeTrigger();
    expect(trigger).toMatchObject({
      kind: 'schedule',
      name: null,
      enabled: true,
      pausedReason: null,
      cron: '0 9 * * MON',
      timeZone: 'Europe/Berlin',
      misfire: 'once',
      overlap: 'skip',
      inputs: {},
      failures: 0,
    });
    expect(trigger.next).toHaveLength(5);
    const { body } = await user.call('GET', `/api/workflows/${trigger.workflowId}/triggers`);
    expect(body.items).toEqual([trigger]);
    expect((await user.call('GET', `/api/triggers/${trigger.id}`)).body).toEqual(trigger);
  });

  test('starts runs by itself, with its inputs and its own cause, and tells what came of them', async () => {
    const trigger = await makeTrigger({ kind: 'schedule', cron: 'every second', inputs: { topic: 'news' } });
    const read = async () => (await user.call('GET', `/api/triggers/${trigger.id}/fires`)).body;
    const fire = await eventually(async () => {
      const started = (await read()).items.find(({ status }: { status: string }) => status === 'started');
      expect(started).toBeDefined();
      return started;
    });
    const run = await user.call('GET', `/api/runs/${fire.runId}`);
    expect(run.body).toMatchObject({ triggerType: 'SCHEDULE', inputs: { topic: 'news' } });
    expect((await read()).next).toHaveLength(5);
    await (await createRunPlayer(server.database.pool)).finish(fire.runId);
    await eventually(async () => {
      const { items } = await read();
      expect(items.find(({ id }: { id: string }) => id === fire.id).status).toBe('completed');
    });
    const off = await user.call('PATCH', `/api/triggers/${trigger.id}`, { body: { enabled: false } });
    expect(off.body).toMatchObject({ enabled: false, next: [] });
  });

  test('runs what is live when it fires, the draft where nothing is, or the version that it names', async () => {
    const { workflowId, id, version } = await makeTrigger({
      kind: 'schedule',
      cron: 'every second',
      overlap: 'cancel',
    });
    expect(version).toBe('live');
    const ranVersion = (number: number | null) =>
      eventually(async () => {
        const { rows } = await server.database.pool.query(
          `select published_version from workflow_runs where workflow_id = $1 order by created_at desc limit 1`,
          [workflowId],
        );
        expect(rows).toEqual([{ published_version: number }]);
      });
    await ranVersion(null);
    for (const number of [1, 2]) {
      const published = await user.call('POST', `/api/workflows/${workflowId}/publish`, { body: {} });
      expect(published.body.version).toBe(number);
    }
    await ranVersion(2);
    const path = `/api/triggers/${id}`;
    expect((await user.call('PATCH', path, { body: { version: 1 } })).body.version).toBe(1);
    await ranVersion(1);
    const unknown = await user.call('PATCH', path, { body: { version: 7 } });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'WORKFLOW_VERSION_NOT_FOUND' } });
    await user.call('DELETE', path);
  });

  test('is changed in part, turned off and on again, and deleted', async () => {
    const trigger = await makeTrigger();
    const path = `/api/triggers/${trigger.id}`;
    const changed = await user.call('PATCH', path, {
      body: { cron: '*/15 * * * *', overlap: 'cancel', name: 'often' },
    });
    expect(changed.body).toMatchObject({
      cron: '*/15 * * * *',
      timeZone: 'Europe/Berlin',
      overlap: 'cancel',
      name: 'often',
    });
    expect(changed.body.next[0]).not.toBe(trigger.next[0]);
    expect((await user.call('PATCH', path, { body: { enabled: false } })).body).toMatchObject({
      enabled: false,
      next: [],
    });
    expect((await user.call('PATCH', path, { body: { enabled: true } })).body.next).toHaveLength(5);
    expect((await user.call('DELETE', path)).status).toBe(204);
    expect((await user.call('GET', path)).status).toBe(404);
  });

  test.each([
    [{ ...weekly, cron: '0 9 * *' }, 422, 'SCHEDULE_INVALID', 'cron'],
    [{ ...weekly, timeZone: 'Mars/Base' }, 422, 'SCHEDULE_INVALID', 'timeZone'],
    [{ ...weekly, inputs: { topc: 'x' } }, 422, 'RUN_INPUT_UNKNOWN', 'inputs.topc'],
    [{ ...weekly, inputs: { topic: 7 } }, 422, 'RUN_INPUT_INVALID', 'inputs.topic'],
    [{ ...weekly, overlap: 'both' }, 400, 'REQUEST_INVALID', 'overlap'],
    [{ ...weekly, every: 5 }, 400, 'FIELD_UNKNOWN', 'every'],
  ])('%j is refused by its place', async (body, status, code, path) => {
    const answer = await user.call('POST', `/api/workflows/${await makeWorkflow()}/triggers`, { body });
    expect(answer).toMatchObject({ status, body: { code, errors: [{ path }] } });
  });

  test('is shown before it is saved', async () => {
    const { body } = await user.call('POST', '/api/schedules/preview', { body: { cron: 'every 2 hours' } });
    const [one, two] = body.next.map(Date.parse);
    expect([body.next.length, two - one]).toEqual([5, 7_200_000]);
    const wrong = await user.call('POST', '/api/schedules/preview', { body: { cron: 'soon' } });
    expect(wrong).toMatchObject({ status: 422, body: { code: 'SCHEDULE_INVALID' } });
  });

  test('goes with its workflow, and there are no more of them than one may have', async () => {
    const trigger = await makeTrigger();
    await user.call('DELETE', `/api/workflows/${trigger.workflowId}`);
    expect((await user.call('GET', `/api/triggers/${trigger.id}`)).status).toBe(404);
    const other = await server.addUser();
    const workflow = await makeWorkflow(other);
    await server.database.pool.query(
      `insert into triggers (id, workflow_id, user_id, kind, settings)
       select gen_random_uuid(), $1, $2, 'schedule', '{}' from generate_series(1, 200)`,
      [workflow, other.id],
    );
    const more = await other.call('POST', `/api/workflows/${workflow}/triggers`, { body: weekly });
    expect(more).toMatchObject({ status: 409, body: { code: 'TRIGGER_LIMIT' } });
  });
});

describe('the end of another workflow', () => {
  test('starts a run with what was put out, and is shown, changed and refused in words', async () => {
    const data = {
      nodes: [
        { id: 't', type: 'text', position: { x: 0, y: 0 }, data: { text: 'x' } },
        { id: 'o', type: 'output', position: { x: 0, y: 0 }, data: { name: 'copy' } },
      ],
      edges: [{ id: 'e', source: 't', target: 'o', sourceHandle: 'output', targetHandle: 'value' }],
    };
    const source = (await user.call('POST', '/api/workflows', { body: { name: 'source', data } })).body.id;
    const mapping = { topic: 'outputs.copy' };
    const trigger = await makeTrigger({ kind: 'workflow', sourceWorkflowId: source, mapping });
    expect(trigger).toMatchObject({
      kind: 'workflow',
      sourceWorkflowId: source,
      events: ['completed'],
      mapping,
      failures: 0,
    });
    const { id } = (await user.call('POST', `/api/workflows/${source}/run`)).body;
    await (await createRunPlayer(server.database.pool)).finish(id);
    const fire = await eventually(async () => {
      const [first] = (await user.call('GET', `/api/triggers/${trigger.id}/fires`)).body.items;
      expect(first?.status).toBe('started');
      return first;
    });
    const run = (await user.call('GET', `/api/runs/${fire.runId}`)).body;
    expect(run).toMatchObject({ triggerType: 'WORKFLOW', inputs: { topic: 'from o' } });

    const change = (body: object) => user.call('PATCH', `/api/triggers/${trigger.id}`, { body });
    expect((await change({ events: ['failed'] })).body.events).toEqual(['failed']);
    expect((await change({ cron: '0 9 * * *' })).body.code).toBe('FIELD_UNKNOWN');
    expect((await change({ mapping: { topic: '((' } })).body.code).toBe('MAPPING_INVALID');
    const create = (sourceWorkflowId: number) =>
      user.call('POST', `/api/workflows/${trigger.workflowId}/triggers`, {
        body: { kind: 'workflow', sourceWorkflowId },
      });
    expect((await create(trigger.workflowId)).body.code).toBe('TRIGGER_LOOP');
    const other = await server.addUser();
    expect((await create(await makeWorkflow(other))).body.code).toBe('WORKFLOW_NOT_FOUND');
  });
});
