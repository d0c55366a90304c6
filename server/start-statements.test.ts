import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runDetailSchema } from '../core/api/runs.ts';
import { countStatements, type StatementCount } from '../testing/count-statements.ts';
import { smallGraph, startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';

let count: StatementCount;
let server: TestServer;
beforeAll(async () => {
  count = countStatements('heddle-server');
  // What asks anew who is asking, as it does every 30 s, and what is due beside requests, is not counted here.
  server = await startTestServer({}, { recheckMs: 3_600_000, doesDuties: false });
});
afterAll(async () => {
  await server.stop();
  count.stop();
});

async function addWorkflow(user: TestUser, data = smallGraph()): Promise<number> {
  return (await user.call('POST', '/api/workflows', { body: { name: 'w', data } })).body.id;
}

/** Starts so many at once; gives the statements that the server sent for them. */
async function start(starts: readonly { user: TestUser; workflow: number }[]): Promise<readonly string[]> {
  count.take();
  const answers = await Promise.all(
    starts.map(({ user, workflow }) => user.call('POST', `/api/workflows/${workflow}/run`)),
  );
  const texts = count.take();
  expect(answers.map(({ status }) => status)).toEqual(starts.map(() => 202));
  const runs = answers.map(({ body }) => runDetailSchema.parse(body));
  expect(new Set(runs.map(({ id }) => id)).size).toBe(starts.length);
  for (const [index, run] of runs.entries()) expect(run.workflowId).toBe(starts[index]!.workflow);
  return texts;
}

const most = 64 * 1.2;
const startsOnly = (texts: readonly string[]) => texts.filter((text) => text.includes('insert into workflow_runs'));

test('64 starts at once of one workflow take at most 1.2 statements each, the first ever included', async () => {
  const user = await server.addUser();
  const workflow = await addWorkflow(user);
  const starts = Array.from({ length: 64 }, () => ({ user, workflow }));
  // How many there are in a group depends on how fast requests come in; one alone costs one.
  expect((await start(starts)).length).toBeLessThanOrEqual(most);
  const again = await start(starts);
  expect(again.length).toBeLessThanOrEqual(most);
  expect(startsOnly(again).length).toBeGreaterThan(0);
});

test('64 starts at once of sixteen users and their workflows take no more when all of that is known', async () => {
  const users = await Promise.all(Array.from({ length: 16 }, () => server.addUser()));
  const starts = await Promise.all(
    Array.from({ length: 64 }, async (_, index) => {
      const user = users[index % users.length]!;
      return { user, workflow: await addWorkflow(user, smallGraph(`text ${index % 16}`)) };
    }),
  );
  await start(starts);
  expect((await start(starts)).length).toBeLessThanOrEqual(most);
});
