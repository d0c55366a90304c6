import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { questionFieldSchema, type Question } from '../core/waits/question.ts';
import { nodeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { createRunPlayer, type RunPlayer } from '../testing/play-run.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';
import { answer, listWaits } from './commands/waits.ts';

let server: TestServer;
let user: TestUser;
let player: RunPlayer;
let lines: string[];
const print = (text: string) => void lines.push(text);
const access = () => ({ server: server.url, apiKey: user.key, print });

beforeAll(async () => {
  server = await startTestServer();
  player = await createRunPlayer(server.database.pool);
});
afterAll(() => server.stop());
beforeEach(async () => {
  lines = [];
  user = await server.addUser();
});

async function ask(question: Question, inputs: object): Promise<{ run: string; id: string }> {
  const data = { nodes: [nodeOf('ask', 'approve', { label: 'Editor' })], edges: [] };
  const workflow = (await user.call('POST', '/api/workflows', { body: { name: 'Letter', data } })).body.id;
  const run = (await user.call('POST', `/api/workflows/${workflow}/run`)).body.id;
  await player.ask(run, question, inputs as never);
  const id = (await user.call('GET', `/api/waits?runId=${run}`)).body.items[0].id;
  return { run, id };
}
const outputsOf = async (run: string) => (await user.call('GET', `/api/runs/${run}`)).body.nodeExecutions[0].outputData;

const approval: Question = {
  message: 'Shall it go out?',
  fields: [
    { name: 'count', type: 'number', required: true },
    { name: 'photo', type: 'image' },
  ].map((field) => questionFieldSchema.parse(field)),
  buttons: [
    { id: 'send', label: 'Send it' },
    { id: 'drop', label: '' },
  ],
  choice: null,
};
const choice: Question = { message: 'Which?', fields: [], buttons: [], choice: { min: 1, max: 2 } };

test('open questions are listed with what is asked and how it is answered', async () => {
  await listWaits(access());
  expect(lines.splice(0)).toEqual(['Nothing waits for you.']);
  const first = await ask(approval, { value: ['Dear\nall'] });
  const second = await ask(choice, { items: ['a', 'b', 'c'] });
  await listWaits(access());
  expect(lines).toEqual([
    `${first.id}  Letter: Editor`,
    '  Shall it go out?',
    '  Dear all',
    '  send (Send it) | drop  --value count=<number> (required)  --value photo=<image>',
    `${second.id}  Letter: Editor`,
    '  Which?',
    '  [0] a',
    '  [1] b',
    '  [2] c',
    '  choose 1 to 2: --choose 0,1',
  ]);
});

test('one is answered by how its id begins, with fields by their types and files uploaded', async () => {
  const { run, id } = await ask(approval, { value: ['draft'] });
  const values = ['count=3', `photo=${await makePicture('png')}`];
  await answer({ ...access(), question: id.slice(0, 8), action: 'send', values, indices: [] });
  expect(lines).toEqual(['Answered Letter: Editor.']);
  expect(await outputsOf(run)).toMatchObject({
    send: 'draft',
    answer: { values: { count: 3, photo: { mimeType: 'image/png' } }, by: user.email },
  });
  // Again, by its whole id: it was over before, and that is said with who was first.
  await expect(
    answer({ ...access(), question: id, action: 'drop', values: ['count=1'], indices: [] }),
  ).rejects.toMatchObject({ message: expect.stringContaining(`was answered by ${user.email}`) });
});

test('elements are chosen by their places', async () => {
  const { run, id } = await ask(choice, { items: ['a', 'b', 'c'] });
  await answer({ ...access(), question: id, action: undefined, values: [], indices: [2, 0] });
  expect(await outputsOf(run)).toEqual({ output: ['c', 'a'], indices: [2, 0] });
});

test.each([
  ['no button', { action: undefined, values: [] }, 'Name the button as well'],
  ['a field that is not there', { action: 'send', values: ['x=1'] }, 'has no field "x". It has: count, photo.'],
  ['a wrong value', { action: 'send', values: ['count=many'] }, 'Give a number'],
])('an answer with %s says what to do', async (_what, given, words) => {
  const { id } = await ask(approval, {});
  await expect(answer({ ...access(), question: id, indices: [], ...given })).rejects.toMatchObject({
    message: expect.stringContaining(words),
  });
  await expect(answer({ ...access(), question: 'zz', indices: [], ...given })).rejects.toMatchObject({
    message: expect.stringContaining('No open question begins with "zz"'),
  });
});
