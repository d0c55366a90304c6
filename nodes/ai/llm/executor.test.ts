import { describe, expect, test } from '@jest/globals';
import type {
  AttemptAssets,
  ExecutionContext,
  ExecutionFacts,
  Logger,
  ModelRequest,
  ModelTools,
} from '../../../core/node-type/executor.ts';
import { RetryableError } from '../../../core/errors/app-error.ts';
import type { MediaTools } from '../../../core/node-type/media-tools.ts';
import type { AssetReference, NodeInputs } from '../../../core/node-type/values.ts';
import { noJobs, noModels } from '../../../testing/no-models.ts';
import { llmNode } from './definition.ts';
import { llmExecutor } from './executor.ts';

function pictureOf(id: number, mimeType = 'image/png'): AssetReference {
  const assetId = `0198c0de-0000-7000-8000-00000000000${id}`;
  return { assetId, url: `/api/assets/${assetId}/content`, mimeType, bytes: 1, sha256: 'a'.repeat(64) };
}

const unused = (): never => {
  throw new Error('not part of this node');
};
const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const media: MediaTools = { run: unused };
const assets: AttemptAssets = {
  workDir: '/nowhere',
  find: unused,
  save: unused,
  take: unused,
  localFile: async ({ assetId }) => `/nowhere/${assetId.slice(-1)}`,
  resolve: async (source) => pictureOf(source.startsWith('https:') ? 8 : 9, 'image/jpeg'),
};

interface Recorded {
  readonly requests: ModelRequest[];
  readonly deltas: string[];
  readonly facts: ExecutionFacts[];
}

async function execute(
  data: object,
  inputs: NodeInputs = {},
  change: Partial<ExecutionContext<unknown>> = {},
): Promise<Recorded & { outputs: unknown }> {
  const recorded: Recorded = { requests: [], deltas: [], facts: [] };
  const models: ModelTools = {
    ...noModels,
    async generate(request, { onDelta }) {
      recorded.requests.push(request);
      onDelta('Good ');
      onDelta('morning.');
      return { text: 'Good morning.', usage: { inputTokens: 3, outputTokens: 2 }, model: 'm-1', provider: 'house' };
    },
  };
  const context: ExecutionContext<unknown> = {
    config: llmNode.configSchema.parse(data),
    inputs,
    signal: new AbortController().signal,
    idempotencyKey: 'execution-7',
    logger: silent,
    assets,
    media,
    models,
    web: { secrets: unused, request: unused, listen: unused },
    jobs: noJobs,
    progress: unused,
    delta: (text) => void recorded.deltas.push(text),
    report: (facts) => void recorded.facts.push(facts),
    ...change,
  };
  return { ...recorded, outputs: await llmExecutor.execute(context) };
}

const fields = { model: 'm', systemPrompt: 'from the field', userMessage: 'field message' };

describe('an LLM node', () => {
  test('asks with its fields and gives the answer as its output', async () => {
    const { requests, outputs } = await execute({ ...fields, temperature: 0, maxOutputTokens: 9 });
    expect(outputs).toEqual({ output: 'Good morning.' });
    expect(requests).toEqual([
      { ...fields, images: [], temperature: 0, maxOutputTokens: 9, idempotencyKey: 'execution-7' },
    ]);
  });

  test('streams the text and reports usage, model and provider', async () => {
    const { deltas, facts } = await execute(fields);
    expect(deltas).toEqual(['Good ', 'morning.']);
    expect(facts).toEqual([{ usage: { inputTokens: 3, outputTokens: 2 }, model: 'm-1', provider: 'house' }]);
  });

  test('works where nobody listens to reports', async () => {
    await expect(execute(fields, {}, { report: undefined })).resolves.toMatchObject({
      outputs: { output: 'Good morning.' },
    });
  });

  test('takes connected text before the field of the same meaning', async () => {
    const { requests } = await execute(fields, { system_prompt: 'from the edge', user_message: 'edge message' });
    expect(requests[0]).toMatchObject({ systemPrompt: 'from the edge', userMessage: 'edge message' });
  });

  test('takes connected empty text before the field, too', async () => {
    expect((await execute(fields, { system_prompt: '' })).requests[0]?.systemPrompt).toBe('');
    await expect(execute(fields, { user_message: ' ' })).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });

  test('refuses to ask nothing', async () => {
    await expect(execute({ model: 'm' })).rejects.toMatchObject({ name: 'TerminalError', code: 'INPUT_MISSING' });
  });

  test('hands on its pictures as local files in edge order, addresses resolved', async () => {
    const images = [pictureOf(1), 'https://example.org/a.jpg', pictureOf(2), '/api/assets/x/content'];
    const { requests } = await execute(fields, { images });
    expect(requests[0]?.images).toEqual([
      { file: '/nowhere/1', mimeType: 'image/png' },
      { file: '/nowhere/8', mimeType: 'image/jpeg' },
      { file: '/nowhere/2', mimeType: 'image/png' },
      { file: '/nowhere/9', mimeType: 'image/jpeg' },
    ]);
  });

  test.each([
    ['system_prompt', pictureOf(1)],
    ['user_message', [pictureOf(1)]],
    ['images', ['plain text']],
    ['images', [pictureOf(1, 'video/mp4')]],
  ])('refuses another type on %s', async (handle, value) => {
    const error: unknown = await execute(fields, { [handle]: value }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'TYPE_MISMATCH' });
    expect((error as Error).message).toContain(handle);
  });

  test('does not ask once it was aborted', async () => {
    const reason = new Error('cancelled');
    await expect(execute(fields, {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

/** A model that answers these texts one after another; each costs a cent. */
function answering(...texts: readonly string[]) {
  const requests: ModelRequest[] = [];
  const models: ModelTools = {
    ...noModels,
    async generate(request) {
      const text = texts[requests.length] ?? texts.at(-1) ?? '';
      requests.push(request);
      return { text, usage: { inputTokens: 3, outputTokens: 2, costUsd: 0.01 }, model: 'm-1', provider: 'house' };
    },
  };
  return { models, requests };
}

const asFields = {
  ...fields,
  answerAs: 'fields',
  fields: [
    { id: 'field1', name: 'title', type: 'text', description: 'In a few words' },
    { id: 'field2', name: 'score', type: 'number' },
    { id: 'field3', name: 'tags', type: 'list<text>' },
    { id: 'field4', name: 'isGood', type: 'boolean' },
  ],
};

describe('an LLM node that is asked for fields', () => {
  test('asks for a schema of them, and gives each at its own output', async () => {
    const { models, requests } = answering('{"title":"A","score":7,"tags":["x"],"isGood":true}');
    const { outputs } = await execute(asFields, {}, { models });
    expect(requests[0]?.answerSchema).toEqual({
      type: 'object',
      properties: {
        title: { type: 'string', description: 'In a few words' },
        score: { type: 'number' },
        tags: { type: 'array', items: { type: 'string' } },
        isGood: { type: 'boolean' },
      },
      required: ['title', 'score', 'tags', 'isGood'],
      additionalProperties: false,
    });
    expect(outputs).toEqual({
      output: { title: 'A', score: 7, tags: ['x'], isGood: true },
      field1: 'A',
      field2: 7,
      field3: ['x'],
      field4: true,
    });
  });

  test.each([
    'Here you are:\n```json\n{"title":"A","score":7,"tags":[],"isGood":true}\n```\nAnything else?',
    'Sure! {"title": "A", "score": "7", "tags": [], "isGood": "True", "more": 1} I hope that helps.',
    "{title: 'A', score: 7, tags: [], isGood: true,}",
    '{"title":"A","score":7,"tags":[],"isGood":true',
  ])('mends what can only be meant in one way: %j', async (text) => {
    const { models, requests } = answering(text);
    expect((await execute(asFields, {}, { models })).outputs).toMatchObject({
      output: { title: 'A', score: 7, tags: [], isGood: true },
    });
    expect(requests).toHaveLength(1);
  });

  test('asks once more with what was wrong, and counts both', async () => {
    const { models, requests } = answering(
      '{"title":"A","score":"many","tags":[],"isGood":true}',
      '{"title":"A","score":1,"tags":[],"isGood":true}',
    );
    const { outputs, facts } = await execute(asFields, {}, { models });
    expect(outputs).toMatchObject({ field2: 1 });
    expect(requests[1]?.userMessage).toContain('.score is not of the type number');
    expect(requests[1]?.userMessage).toContain('"many"');
    expect(requests[1]?.idempotencyKey).not.toBe(requests[0]?.idempotencyKey);
    expect(facts.at(-1)?.usage).toEqual({ inputTokens: 6, outputTokens: 4, costUsd: 0.02 });
  });

  test('gives up after the second, which is paid all the same', async () => {
    const { models, requests } = answering('I would rather not.');
    await expect(execute(asFields, {}, { models })).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'PROVIDER_ANSWER_INVALID',
      details: { usage: { inputTokens: 6, outputTokens: 4, costUsd: 0.02 } },
    });
    expect(requests).toHaveLength(2);
  });

  test('by a JSON schema gives its properties, null where one may be missing', async () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 }, output: { type: 'string' } },
      required: ['name'],
    };
    const data = { ...fields, answerAs: 'schema', schema };
    const { models } = answering('{"name":"Ada","output":"x"}');
    expect((await execute(data, {}, { models })).outputs).toEqual({
      output: { name: 'Ada', output: 'x' },
      name: 'Ada',
      age: null,
    });
    const wrong = answering('{"name":"Ada","age":-1}');
    await expect(execute(data, {}, { models: wrong.models })).rejects.toMatchObject({
      message: expect.stringContaining('.age is less than 0'),
    });
  });
});

describe('an LLM node with variants', () => {
  test('gives lists, from calls of their own with seeds of their own', async () => {
    const { models, requests } = answering('a', 'b', 'c', 'd');
    const { outputs, facts } = await execute({ ...fields, variants: 4, seed: 10 }, {}, { models });
    expect(outputs).toEqual({ output: ['a', 'b', 'c', 'd'] });
    expect(requests.map(({ seed }) => seed)).toEqual([10, 11, 12, 13]);
    expect(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(4);
    expect(facts.at(-1)?.usage).toMatchObject({ inputTokens: 12, outputTokens: 8 });
  });

  test('has lists at its outputs', () => {
    const config = llmNode.configSchema.parse({ ...asFields, variants: 2 });
    expect(llmNode.handles!(config).outputs.map(({ id, dataType }) => [id, dataType])).toEqual([
      ['output', 'list<json>'],
      ['field1', 'list<text>'],
      ['field2', 'list<number>'],
      ['field3', 'list<list<text>>'],
      ['field4', 'list<boolean>'],
    ]);
  });

  test('is paid for what was answered before one failed', async () => {
    const { models } = answering('a');
    let calls = 0;
    const failing: ModelTools = {
      ...noModels,
      generate: async (request, options) => {
        calls += 1;
        if (calls > 1) throw new RetryableError('PROVIDER_RATE_LIMITED', 'Wait.', { retryAfterMs: 5 });
        return models.generate(request, options);
      },
    };
    await expect(execute({ ...fields, variants: 2 }, {}, { models: failing })).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'PROVIDER_RATE_LIMITED',
      retryAfterMs: 5,
      details: { usage: { inputTokens: 3, outputTokens: 2, costUsd: 0.01 } },
    });
  });
});

test('sound, videos and documents are handed on after the images, with the settings of the call', async () => {
  const { requests } = await execute(
    { ...fields, stop: ['END'], seed: 3, reasoningEffort: 'low' },
    { files: [pictureOf(2, 'audio/mpeg'), [pictureOf(3, 'video/mp4'), pictureOf(4, 'application/pdf')]] },
  );
  expect(requests[0]).toMatchObject({
    files: [
      { file: '/nowhere/2', mimeType: 'audio/mpeg' },
      { file: '/nowhere/3', mimeType: 'video/mp4' },
      { file: '/nowhere/4', mimeType: 'application/pdf' },
    ],
    stop: ['END'],
    seed: 3,
    reasoningEffort: 'low',
  });
  await expect(execute(fields, { files: [pictureOf(1)] })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
});
