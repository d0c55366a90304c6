import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { createRunPlayer } from '../testing/play-run.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let server: TestServer;
let user: TestUser;
beforeAll(async () => {
  server = await startTestServer();
  user = await server.addUser();
});
afterAll(() => server.stop());

const makeWorkflow = async (): Promise<number> =>
  (await user.call('POST', '/api/workflows', { body: { name: 'w', data: smallGraph() } })).body.id;

/** Public, and nobody is there. */
const url = 'https://203.0.114.7/told';

test('a callback shows its secret once, keeps a log of what was told, and is changed and deleted', async () => {
  const workflow = await makeWorkflow();
  const path = `/api/workflows/${workflow}/callbacks`;
  const made = await user.call('POST', path, { body: { url, events: ['finished'] } });
  expect(made).toMatchObject({
    status: 201,
    body: { workflowId: workflow, url, events: ['finished'], enabled: true, secret: expect.stringMatching(/^whsec_/) },
  });
  const list = await user.call('GET', path);
  const { secret, ...shown } = made.body;
  expect(list.body.items).toEqual([shown]);
  const { rows } = await server.database.pool.query('select c::text as row from workflow_callbacks c');
  expect(JSON.stringify(rows)).not.toContain(secret);

  const run = (await user.call('POST', `/api/workflows/${workflow}/run`)).body;
  await (await createRunPlayer(server.database.pool)).finish(run.id);
  const messages = `/api/callbacks/${shown.id}/messages`;
  const message = await eventually(async () => {
    const [first] = (await user.call('GET', messages)).body.items;
    expect(first).toMatchObject({ runId: run.id, event: 'finished' });
    return first;
  });
  expect((await user.call('POST', `/api/callback-messages/${message.id}/replay`)).status).toBe(202);

  const off = await user.call('PATCH', `/api/callbacks/${shown.id}`, { body: { enabled: false, events: ['failed'] } });
  expect(off.body).toMatchObject({ enabled: false, events: ['failed'], url });
  expect((await user.call('POST', `/api/callback-messages/${message.id}/replay`)).status).toBe(404);
  expect((await user.call('DELETE', `/api/callbacks/${shown.id}`)).status).toBe(204);
  expect((await user.call('GET', messages)).status).toBe(404);
});

test('the secret of a callback is replaced, and the one before ends when it is told to', async () => {
  const path = `/api/workflows/${await makeWorkflow()}/callbacks`;
  const { id, secret, hasOldSecret } = (await user.call('POST', path, { body: { url, events: ['waiting'] } })).body;
  expect(hasOldSecret).toBe(false);
  const shown = async () => (await user.call('GET', path)).body.items[0];
  const changed = await user.call('POST', `/api/callbacks/${id}/secret`);
  expect(changed).toMatchObject({ status: 200, body: { secret: expect.stringMatching(/^whsec_/) } });
  expect(changed.body.secret).not.toBe(secret);
  expect(await shown()).toMatchObject({ hasOldSecret: true, events: ['waiting'] });
  expect((await user.call('DELETE', `/api/callbacks/${id}/old-secret`)).status).toBe(204);
  expect(await shown()).toMatchObject({ hasOldSecret: false });
});

test.each([
  ['http://127.0.0.1/told', 'URL_NOT_ALLOWED'],
  ['http://169.254.169.254/latest', 'URL_NOT_ALLOWED'],
  ['ftp://example.com/', 'URL_SCHEME'],
  ['not an address', 'URL_INVALID'],
])('%s is no address to tell', async (address, code) => {
  const answer = await user.call('POST', `/api/workflows/${await makeWorkflow()}/callbacks`, {
    body: { url: address },
  });
  expect(answer).toMatchObject({ status: 422, body: { code } });
});
