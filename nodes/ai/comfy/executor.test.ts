import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { AttemptJobs, JobHandle } from '../../../core/node-type/provider-job.ts';
import type { NodeInputs, NodeOutputs } from '../../../core/node-type/values.ts';
import { startFakeComfy, type FakeComfy } from '../../../testing/fake-comfy.ts';
import { makePicture } from '../../../testing/media.ts';
import { noModels } from '../../../testing/no-models.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { comfyNode } from './definition.ts';
import { comfyExecutor } from './executor.ts';
import { handlesOfComfy } from './handles.ts';

let server: FakeComfy;
let other: FakeComfy;
let runs: NodeRuns;
let graph: string;
beforeAll(async () => {
  const picture = await readFile(await makePicture('png', 40, 30));
  [server, other] = [await startFakeComfy(picture), await startFakeComfy(picture)];
  runs = await startNodeRuns({ allow: [server.host, other.host] });
  graph = JSON.stringify({
    '3': { class_type: 'KSampler', inputs: { seed: '{{seed}}', model: ['4', 0] } },
    '6': { class_type: 'CLIPTextEncode', inputs: { text: 'A photo of {{what}}' } },
    '7': { class_type: 'LoadImage', inputs: { image: '{{picture}}' } },
    '9': { class_type: 'SaveImage', inputs: {} },
  });
});
beforeEach(() => {
  server.restart();
  other.restart();
  server.isNew(true);
  server.tells(null);
});
afterAll(async () => {
  await runs.stop();
  await server.stop();
  await other.stop();
});

/** One node execution, attempt by attempt. */
function execution(data: object = {}) {
  const idempotencyKey = randomUUID();
  let stored: JobHandle | null = null;
  const jobs: AttemptJobs = {
    find: async () => (stored === null ? null : { job: stored, ageMs: 1_000, isTakenOver: false }),
    handIn: async (start) => (stored = await start(new AbortController().signal)),
  };
  const config = { server: server.url, graph, ...data };
  return {
    id: idempotencyKey,
    /** What comes of it; null: it waits. */
    attempt: async (inputs: NodeInputs = { seed: 7, what: 'a fox', picture: 'none' }): Promise<NodeOutputs | null> =>
      runs.run(comfyExecutor, config, inputs, { jobs, idempotencyKey }).catch((error: Error) => {
        if (error.message.startsWith('The node waits')) return null;
        throw error;
      }),
    forget: () => void (stored = null),
    tools: async <Result>(
      ask: (job: JobHandle, tools: Parameters<NonNullable<typeof comfyExecutor.job>['poll']>[1]) => Promise<Result>,
    ) => {
      let result: Result | undefined;
      const spy = {
        ...comfyExecutor,
        execute: async ({ web, signal }: Parameters<typeof comfyExecutor.execute>[0]) => {
          result = await ask(stored!, { models: noModels, web, signal });
          return {};
        },
      };
      await runs.run(spy, config, {}, {});
      return result as Result;
    },
  };
}

const images = (...names: string[]) => ({
  '9': { images: names.map((filename) => ({ filename, subfolder: 'out', type: 'output' })) },
});

test('a graph has an input for each place, and gets values, texts and the names of uploaded files there', async () => {
  expect(handlesOfComfy({ graph, result: 'video', named: [] })).toMatchObject({
    inputs: [{ id: 'seed' }, { id: 'what' }, { id: 'picture' }],
    outputs: [{ dataType: 'video' }, { dataType: 'list<video>' }],
  });
  const picture = await runs.assetOf(await makePicture('jpeg', 8, 8));
  const inputs = { seed: 7, what: 'a fox', picture };
  const before = server.uploads.length;
  const one = execution();
  expect(await one.attempt(inputs)).toBeNull();
  const name = `heddle-${picture.sha256}.jpg`;
  expect(server.prompts.at(-1)).toMatchObject({
    id: one.id,
    clientId: one.id,
    graph: {
      '3': { inputs: { seed: 7, model: ['4', 0] } },
      '6': { inputs: { text: 'A photo of a fox' } },
      '7': { inputs: { image: name } },
    },
  });
  server.finish({
    '8': { images: [{ filename: 'preview.png', subfolder: '', type: 'temp' }] },
    ...images('a.png', 'b.png'),
  });
  const done = await one.attempt(inputs);
  expect(done).toMatchObject({ output: { width: 40, height: 30 } });
  expect(done!['all']).toHaveLength(2);
  // The same file is there already.
  await execution().attempt(inputs);
  expect(server.uploads.slice(before)).toEqual([name]);
});

test('results have names of their own, each that of a node and of a kind', async () => {
  const named = ['depth = 12', 'sketch= 13 image'];
  const { outputs } = handlesOfComfy({ graph, result: 'image', named: [...named, 'sound = 14 audio'] });
  expect(outputs.slice(2)).toMatchObject([
    { id: 'depth', dataType: 'image' },
    { id: 'sketch', dataType: 'image' },
    { id: 'sound', dataType: 'audio' },
  ]);
  const one = execution({ named, outputNode: '9' });
  await one.attempt();
  server.finish({ ...images('a.png'), '12': { images: [{ filename: 'd.png', subfolder: '', type: 'output' }] } });
  const done = await one.attempt();
  expect(done).toMatchObject({ output: { width: 40 }, depth: { width: 40 }, sketch: null });
  expect(done!['all']).toHaveLength(1);
  const parse = (lines: readonly string[]) => comfyNode.configSchema.safeParse({ named: lines }).success;
  expect([['depth 12'], ['all = 1'], ['a = 1', 'a = 2']].map(parse)).toEqual([false, false, false]);
});

test('a job is told apart: in the line, being worked on, failed, interrupted, and lost by a restart', async () => {
  server.add();
  const one = execution();
  await one.attempt();
  const poll = () => one.tools((job, tools) => comfyExecutor.job!.poll(job, tools));
  expect(await poll()).toMatchObject({ kind: 'under-way', message: 'In the queue of ComfyUI, 1 before it' });
  server.finish({});
  // Its WebSocket drops: how far it is nobody knows.
  expect(await poll()).toMatchObject({ kind: 'under-way', percent: null, message: 'ComfyUI is working on it' });
  expect(await one.attempt()).toBeNull();
  server.fail('3', 'CUDA out of memory');
  expect(await poll()).toEqual({ kind: 'over' });
  await expect(one.attempt()).rejects.toMatchObject({
    code: 'PROVIDER_JOB_FAILED',
    message: expect.stringContaining('node 3 (KSampler)'),
  });
  const lost = execution();
  await lost.attempt();
  server.restart();
  expect(await lost.tools((job, tools) => comfyExecutor.job!.poll(job, tools))).toEqual({ kind: 'over' });
  await expect(lost.attempt()).rejects.toMatchObject({ code: 'PROVIDER_JOB_LOST' });
  const empty = execution();
  await empty.attempt();
  server.finish({ '9': { text: ['no picture'] } });
  await expect(empty.attempt()).rejects.toMatchObject({ message: expect.stringContaining('gave no image') });
  server.refuse('Value not in list');
  await expect(execution().attempt()).rejects.toMatchObject({
    code: 'PROVIDER_BAD_REQUEST',
    message: expect.stringContaining('node 4: Value not in list ckpt_name'),
  });
});

test('a prompt that is being worked on tells its steps, by what old and new servers say of them', async () => {
  const one = execution();
  await one.attempt();
  const { id: own } = server.prompts.at(-1)!;
  const poll = () => one.tools((job, tools) => comfyExecutor.job!.poll(job, tools));
  const told = async (...events: { readonly type: string; readonly data: object }[]) => {
    // Between them come pictures, what is of others, and what newer servers may say one day.
    const noise = [
      Buffer.from([0, 0, 0, 1, 255]),
      { type: 'progress', data: { value: 1, max: 2, prompt_id: 'other' } },
    ];
    server.tells([...noise, { type: 'progress', data: {} }, ...events]);
    return poll();
  };
  const at = (percent: number, message: string) => ({ kind: 'under-way', percent, message, againInMs: 2_000 });
  expect(await told({ type: 'progress', data: { value: 5, max: 20 } })).toEqual(at(25, 'ComfyUI is at step 5 of 20'));
  const steps = { value: 12, max: 16, prompt_id: own, node: '3' };
  expect(await told({ type: 'progress', data: steps })).toEqual(at(75, 'ComfyUI is at step 12 of 16 of node 3'));
  const nodes = {
    '4': { value: 1, max: 1, state: 'finished' },
    '6': { value: 9, max: 9, state: 'finished' },
    '7': { value: 0, max: 1, state: 'running' },
    '30': { value: 2, max: 8, state: 'running' },
  };
  expect(await told({ type: 'progress_state', data: { prompt_id: own, nodes } })).toEqual(
    at(25, 'ComfyUI is at step 2 of 8 of node 30'),
  );
});

test('who connects is told of his own prompt alone, and a server that may not be reached is not listened to', async () => {
  const one = execution();
  await one.attempt();
  server.tells([{ type: 'progress', data: { value: 5, max: 20 } }]);
  const heard: string[] = [];
  const listen = (url: string, name = '', forMs = 60_000) =>
    one.tools((_job, { web, signal }) => {
      const secrets = name === '' ? [] : [{ name, value: 'x', hosts: ['elsewhere.example'] }];
      return web.listen({ url, headers: [], secrets }, { forMs, signal }, (text) => heard.push(text) < 1);
    });
  await listen(`${server.url}/ws?clientId=somebody`);
  expect(heard.map((text) => JSON.parse(text))).toMatchObject([{ type: 'status', data: { sid: 'somebody' } }]);
  await expect(listen('http://10.0.0.1:8188/ws')).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED' });
  await expect(listen(`${server.url}/ws`, 'token')).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED' });
  // One that says nothing more ends with the time, one that drops at once.
  await listen(`${server.url}/ws`, '', 1);
  server.tells(null);
  await listen(`${server.url}/ws`);
});

test.each([true, false])(
  'canceling takes back that prompt alone (a server that knows whom an interrupt means: %s)',
  async (isNew) => {
    server.isNew(isNew);
    const cancel = (one: ReturnType<typeof execution>) =>
      one.tools((job, tools) => comfyExecutor.job!.cancel(job, tools));
    const theirs = server.add();
    const waiting = execution();
    await waiting.attempt();
    const hit = server.interrupted.length;
    await cancel(waiting);
    expect(server.interrupted.slice(hit)).not.toContain(theirs);
    expect(server.interrupted).toHaveLength(hit);
    server.finish({});
    const running = execution();
    await running.attempt();
    const id = server.prompts.at(-1)!.id;
    await cancel(running);
    expect(server.interrupted.slice(hit)).toEqual([id]);
    // One that is over is left alone, whoever is being worked on by now.
    server.add();
    await cancel(running);
    expect(server.interrupted.slice(hit)).toEqual([id]);
  },
);

test.each([true, false])(
  'a worker that died after it handed a prompt in finds it again (new server: %s)',
  async (isNew) => {
    server.isNew(isNew);
    const one = execution({ others: other.url });
    await one.attempt();
    const count = server.prompts.length + other.prompts.length;
    one.forget();
    expect(await one.attempt()).toBeNull();
    expect(server.prompts.length + other.prompts.length).toBe(count);
  },
);

test('of several servers the one with the shortest line is taken, and one that is away is passed over', async () => {
  server.add();
  server.add();
  const before = other.prompts.length;
  await execution({ others: `${other.url}/\n` }).attempt();
  expect(other.prompts).toHaveLength(before + 1);
  await expect(execution({ graph: '{}' }).attempt()).rejects.toMatchObject({ code: 'NODE_DATA_INVALID' });
  await expect(execution().attempt({ seed: 1 })).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
