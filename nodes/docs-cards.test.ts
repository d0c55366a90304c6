import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext, ModelTools, NodeExecutor } from '../core/node-type/executor.ts';
import type { AttemptJobs, JobHandle } from '../core/node-type/provider-job.ts';
import { Suspension } from '../core/node-type/suspension.ts';
import type { AssetReference, NodeInputs, NodeOutputs, OutputValue } from '../core/node-type/values.ts';
import { outputsOfAnswer } from '../core/waits/answer.ts';
import { questionSchema } from '../core/waits/question.ts';
import { startFakeComfy, type FakeComfy } from '../testing/fake-comfy.ts';
import { mediaPath } from '../testing/media.ts';
import { noModels } from '../testing/no-models.ts';
import { makeNodePictures, type Shown } from '../testing/node-pictures.ts';
import { startRecordingServer, type RecordingServer } from '../testing/recording-server.ts';
import { comfyExecutor } from './ai/comfy/executor.ts';
import { generateImageExecutor } from './ai/generate-image/executor.ts';
import { generateVideoExecutor } from './ai/generate-video/executor.ts';
import { llmExecutor } from './ai/llm/executor.ts';
import { speakExecutor } from './ai/speak/executor.ts';
import { transcribeExecutor } from './ai/transcribe/executor.ts';
import { codeExecutor } from './connect/code/executor.ts';
import { httpExecutor } from './connect/http/executor.ts';
import { saveExecutor } from './connect/save/executor.ts';
import { approveExecutor } from './flow/approve/executor.ts';
import { callWorkflowNode } from './flow/call-workflow/definition.ts';
import { chooseExecutor } from './flow/choose/executor.ts';
import { collectExecutor } from './flow/collect/executor.ts';
import { delayExecutor } from './flow/delay/executor.ts';
import { ifExecutor } from './flow/if/executor.ts';
import { mergeExecutor } from './flow/merge/executor.ts';
import { outputExecutor } from './flow/output/executor.ts';
import { pickExecutor } from './flow/pick/executor.ts';
import { repeatExecutor } from './flow/repeat/executor.ts';
import { switchExecutor } from './flow/switch/executor.ts';
import { untilExecutor } from './flow/until/executor.ts';
import { adjustImageExecutor } from './image/adjust/executor.ts';
import { audioExecutor } from './input/audio/executor.ts';
import { booleanExecutor } from './input/boolean/executor.ts';
import { choiceExecutor } from './input/choice/executor.ts';
import { fileExecutor } from './input/file/executor.ts';
import { imageExecutor } from './input/image/executor.ts';
import { jsonExecutor } from './input/json/executor.ts';
import { listExecutor } from './input/list/executor.ts';
import { numberExecutor } from './input/number/executor.ts';
import { textExecutor } from './input/text/executor.ts';
import { videoExecutor } from './input/video/executor.ts';
import { extractJsonExecutor } from './text/extract-json/executor.ts';
import { joinTextExecutor } from './text/join/executor.ts';
import { replaceTextExecutor } from './text/replace/executor.ts';
import { splitTextExecutor } from './text/split/executor.ts';
import { templateExecutor } from './text/template/executor.ts';
import { nodeCatalogue, nodeDefinitions } from './definitions.ts';

/*
 * The pictures of docs/nodes.md of inputs, models and nodes without media: what goes in, what is set, and what comes out. Models
 * are played. `UPDATE_IMAGES=1 npm test -- nodes/docs-cards.test.ts` renews them.
 */

const pictures = makeNodePictures({
  isRenewed: process.env['UPDATE_IMAGES'] !== undefined,
  allow: ['127.0.0.1', '127.0.0.2'],
});
const { samples, outputOf, cardOf, cardOfRun, cardOver } = pictures;

/** Plays the service that the `http` node asks. */
let shown: RecordingServer;
/** Plays the server that the `comfy` node asks; it makes the photo. */
let comfy: FakeComfy;
beforeAll(async () => {
  shown = await startRecordingServer('127.0.0.2');
  comfy = await startFakeComfy(await readFile(await pictures.runs.fileOf(samples.photo)));
});
afterAll(async () => {
  await comfy.stop();
  await shown.stop();
});

/** A card of a question, and of what an answer to it gives. */
async function cardOfQuestion(
  executor: NodeExecutor,
  data: object,
  inputs: NodeInputs,
  answer: Parameters<typeof outputsOfAnswer>[2],
): Promise<OutputValue> {
  const config = nodeCatalogue.get(executor.type)!.configSchema.parse(data);
  const waiting = await executor.execute({ config, inputs } as unknown as ExecutionContext<unknown>);
  if (!(waiting instanceof Suspension)) throw new Error(`${executor.type} did not ask.`);
  const question = questionSchema.parse(waiting.request.payload);
  return cardOf({ ...inputs, ...data }, outputsOfAnswer(question, inputs, answer, 'kim@example.com'));
}

/** A card of an uploaded file, with a picture of it where it has one. */
async function cardOfUpload(executor: NodeExecutor, name: string, { url, mimeType }: AssetReference): Promise<Shown> {
  const made = await pictures.runs.run(executor, { file: { url, name, type: mimeType } });
  return /^(?:image|video|audio)\//.test(mimeType)
    ? cardOver({ file: name }, made, made['output']!)
    : cardOf({ file: name }, made);
}

const document = async (name: string, content: string): Promise<AssetReference> => {
  const file = mediaPath(name);
  await writeFile(file, content);
  return pictures.runs.assetOf(file);
};

/** Inputs of a workflow: what is typed or uploaded, and what comes out. */
const inputs: Readonly<Record<string, () => Promise<Shown>>> = {
  text: () => cardOfRun(textExecutor, { text: 'A bottle that keeps tea warm all day' }),
  number: () => cardOfRun(numberExecutor, { value: 0.1 }),
  boolean: () => cardOfRun(booleanExecutor, { value: true }),
  choice: () => cardOfRun(choiceExecutor, { options: ['short', 'medium', 'long'], value: 'medium' }),
  json: () => cardOfRun(jsonExecutor, { value: { size: [640, 427], caption: null } }),
  image: () => cardOfUpload(imageExecutor, 'flask.jpg', samples.photo),
  video: () => cardOfUpload(videoExecutor, 'turn.mp4', samples.clip),
  audio: () => cardOfUpload(audioExecutor, 'talk.wav', samples.talk),
  file: async () =>
    cardOfUpload(fileExecutor, 'orders.csv', await document('orders.csv', 'id,price\n1042,30\n1043,12\n')),
  list: () => cardOfRun(listExecutor, { type: 'number', items: ['1.5', '20', '-3'] }),
};

const facts = { model: 'a-model', provider: 'a-provider', usage: null };

/** A model that is played by what it gives. */
const played = (models: Partial<ModelTools>) => ({ models: { ...noModels, ...models } });

/** Writes what a model made into the folder that it was asked to, as the contents of a file that there is. */
async function madeOf(asset: OutputValue, folder: string, name: string) {
  const file = path.join(folder, name);
  await copyFile(await pictures.runs.fileOf(asset), file);
  return { file, mimeType: (asset as AssetReference).mimeType };
}

/** What a node gives that hands a job in, waits until it is over, and fetches what came of it. */
async function throughJob(
  executor: NodeExecutor,
  data: object,
  given: object,
  { over, ...change }: Partial<ExecutionContext<unknown>> & { readonly over: () => void },
): Promise<NodeOutputs> {
  let job: JobHandle | null = null;
  const jobs: AttemptJobs = {
    find: async () => (job === null ? null : { job, ageMs: 1_000, isTakenOver: false }),
    handIn: async (start) => (job = await start(new AbortController().signal)),
  };
  const attempt = () => pictures.runs.run(executor, data, given as NodeInputs, { jobs, ...change });
  await expect(attempt()).rejects.toThrow('The node waits');
  over();
  return attempt();
}

const graph = JSON.stringify({
  '3': { class_type: 'KSampler', inputs: { seed: '{{seed}}' } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'A photo of {{what}}' } },
});

/** What is asked of a model, and what the node makes of its answer. */
const asked: Readonly<Record<string, () => Promise<Shown>>> = {
  llm: () =>
    cardOfRun(
      llmExecutor,
      {
        answerAs: 'fields',
        fields: [
          { id: 'mood', name: 'mood', type: 'text' },
          { id: 'order', name: 'order', type: 'number' },
        ],
      },
      { user_message: letter },
      played({ generate: async () => ({ ...facts, text: '```json\n{"mood": "annoyed", "order": 1042}\n```' }) }),
    ),
  generateImage: async () => {
    const data = { prompt: 'A steel flask on a table', count: 2 };
    const gray = await outputOf(adjustImageExecutor, { grayscale: true }, { image: samples.photo });
    const models = played({
      generateImages: async ({ folder }) => ({
        ...facts,
        files: [await madeOf(samples.photo, folder, 'one'), await madeOf(gray, folder, 'two')],
      }),
    });
    const { output, images } = await pictures.runs.run(generateImageExecutor, data, {}, models);
    return cardOver(data, { output, images: `${(images as OutputValue[]).length} images` }, images!);
  },
  generateVideo: async () => {
    const data = { prompt: 'The flask turns around once', aspect: '16:9' };
    let isOver = false;
    const models = played({
      lookUp: async () => ({ model: 'a-model', provider: 'a-provider', isRepeatable: true }) as never,
      startVideo: async () => ({ provider: 'a-provider', model: 'a-model', id: 'job-1', seconds: null }),
      askForVideo: async () => (isOver ? { kind: 'done' } : { kind: 'under-way', percent: 40 }),
      fetchVideo: async (_job, { folder }) => ({ ...facts, video: await madeOf(samples.clip, folder, 'film') }),
    });
    const { output } = await throughJob(generateVideoExecutor, data, {}, { ...models, over: () => (isOver = true) });
    return cardOver(data, { output }, output!);
  },
  speak: async () => {
    const data = { text: 'Warm all day', voice: 'Kore', format: 'mp3' };
    const models = played({
      speak: async ({ folder }) => ({ ...facts, sound: await madeOf(samples.talk, folder, 'speech') }),
    });
    const { output } = await pictures.runs.run(speakExecutor, data, {}, models);
    return cardOver(data, { output }, output!);
  },
  transcribe: async () => {
    const segments = [
      { start: 0.5, end: 1.5, text: 'Good morning.' },
      { start: 2.5, end: 3.5, text: 'It is warm.' },
    ];
    const models = played({ transcribe: async () => ({ ...facts, text: 'Good morning. It is warm.', segments }) });
    const made = await pictures.runs.run(transcribeExecutor, { language: 'en' }, { audio: samples.talk }, models);
    const subtitles = (await readFile(await pictures.runs.fileOf(made['subtitles']), 'utf8')).split('\n\n')[0];
    return cardOf({ audio: samples.talk, language: 'en' }, { ...made, subtitles });
  },
  comfy: async () => {
    const given = { seed: 7, what: 'a flask' };
    const made = await throughJob(comfyExecutor, { server: comfy.url, graph }, given, {
      idempotencyKey: randomUUID(),
      over: () => comfy.finish({ '9': { images: [{ filename: 'a.png', subfolder: '', type: 'output' }] } }),
    });
    const { '6': words } = comfy.prompts.at(-1)!.graph as Record<string, { inputs: object }>;
    const sent = { [`text of node 6`]: (words!.inputs as { text: string }).text };
    return cardOver(
      { graph: '… "seed": "{{seed}}" … "text": "A photo of {{what}}" …', ...given },
      { ...sent, output: made['output'] },
      made['output']!,
    );
  },
};

const letter = 'Please refund order 1042.\n\nIt arrived broken.';
const shop = {
  orders: [
    { id: 1042, price: 30 },
    { id: 1043, price: 12 },
  ],
};

/** Of nodes without media: what goes in, what is set, and what comes out. */
const cards: Readonly<Record<string, () => Promise<Shown>>> = {
  template: () =>
    cardOfRun(
      templateExecutor,
      { template: 'Dear {{name | upper}}, your {{things | join: " and "}} are ready.' },
      { name: 'Kim', things: ['shoes', 'socks'] },
    ),
  joinText: () => cardOfRun(joinTextExecutor, { between: 'comma' }, { texts: ['red', 'green', ['blue', 'gray']] }),
  splitText: () => cardOfRun(splitTextExecutor, { by: 'paragraph' }, { text: letter }),
  replaceText: () =>
    cardOfRun(
      replaceTextExecutor,
      { find: 'order (\\d+)', replacement: 'order no. $1', mode: 'pattern' },
      { text: letter },
    ),
  extractJson: () => cardOfRun(extractJsonExecutor, { expression: 'orders[?price > `20`].id' }, { data: shop }),
  if: () => cardOfRun(ifExecutor, { operator: 'contains', operand: 'refund' }, { value: letter }),
  switch: () =>
    cardOfRun(
      switchExecutor,
      {
        cases: [
          { id: 'cheap', label: 'Cheap', operator: 'less', operand: '20' },
          { id: 'dear', label: 'Dear', operator: 'less', operand: '100' },
        ],
      },
      { value: 30 },
    ),
  merge: () => cardOfRun(mergeExecutor, { mode: 'first' }, { values: ['from the branch that was taken'] }),
  pick: () => cardOfRun(pickExecutor, { mode: 'sort', by: 'price' }, { items: shop.orders }),
  collect: () =>
    cardOfRun(collectExecutor, { mode: 'best' }, { items: [['one', 'two', 'three']], scores: [0.2, 0.9, 0.5] }),
  repeat: () => cardOfRun(repeatExecutor, { max: 5 }, { value: 'what the first lap gets' }),
  until: () => cardOfRun(untilExecutor, { operator: 'greater', operand: '0.8' }, { value: 'third draft', check: 0.9 }),
  delay: () => cardOfRun(delayExecutor, { ms: 10 }, { input: ['whatever comes in'] }),
  output: () => cardOfRun(outputExecutor, { name: 'answer' }, { value: 'Warm all day' }),
  approve: () =>
    cardOfQuestion(
      approveExecutor,
      {
        message: 'Publish this?',
        buttons: [
          { id: 'yes', label: 'Publish' },
          { id: 'no', label: 'Again' },
        ],
      },
      { value: ['Warm all day'] },
      { action: 'yes', values: {}, indices: [] },
    ),
  choose: () =>
    cardOfQuestion(
      chooseExecutor,
      { message: 'Which two?', min: 2, max: 2 },
      { items: ['red', 'green', 'blue'] },
      { action: 'choose', values: {}, indices: [0, 2] },
    ),
  callWorkflow: () => {
    const contract = {
      ...{ name: 'Square with caption', version: 3 },
      inputs: [{ name: 'photo', title: 'Photo', dataType: 'image', required: true }],
      outputs: [
        { name: 'square', title: 'Square', dataType: 'image' },
        { name: 'caption', title: 'Caption', dataType: 'text' },
      ],
    };
    const { inputs, outputs } = callWorkflowNode.handles!(
      callWorkflowNode.configSchema.parse({ workflowId: 12, version: 3, contract }),
    );
    const byName = (handles: readonly { readonly id: string; readonly dataType: string }[]) =>
      Object.fromEntries(handles.map(({ id, dataType }) => [id, dataType]));
    return cardOf({ workflow: 'Square with caption, version 3', ...byName(inputs) }, byName(outputs));
  },
  http: async () => {
    shown.replies({ json: shop });
    const data = { url: `${shown.url}/orders`, query: 'of={{customer}}' };
    const made = await pictures.runs.run(httpExecutor, data, { customer: 'Kim & Co.' });
    const [request] = shown.requests;
    return cardOf(
      { ...data, url: 'https://shop.example/orders', customer: 'Kim & Co.' },
      { sent: `${request?.method} ${request?.path}`, status: made['status'], output: made['output'] },
    );
  },
  code: () =>
    cardOfRun(
      codeExecutor,
      {
        code: 'return orders.reduce((sum, { price }) => sum + price, 0);',
        inputs: [{ id: 'orders', name: 'orders', type: 'json' }],
        outputs: [{ id: 'output', name: 'output', type: 'number' }],
      },
      { orders: shop.orders },
    ),
  save: async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'heddle-docs-'));
    try {
      const data = { to: 'folder', folder: 'out', name: '{{title}}.{{extension}}' };
      return await cardOfRun(
        saveExecutor,
        data,
        { value: shop, title: 'orders' },
        { saveFolders: new Map([['out', folder]]) },
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

const all = { ...inputs, ...asked, ...cards };

describe('the pictures of docs/nodes.md', () => {
  test.each(Object.entries(all))('%s shows what goes in and what comes out', async (type, make) => {
    const made = await make();
    await pictures.compare(type, made, Buffer.isBuffer(made) ? 'cardOverMedia' : 'card');
  });

  test('every input, every model and every node without media has one here', () => {
    const elsewhere: readonly string[] = ['image', 'video', 'audio'];
    const types = nodeDefinitions.filter(({ category }) => !elsewhere.includes(category)).map(({ type }) => type);
    expect(Object.keys(all).toSorted()).toEqual(types.toSorted());
  });
});
