import { describe, expect, test } from '@jest/globals';
import type {
  AttemptAssets,
  ExecutionContext,
  ExecutionFacts,
  Logger,
  ModelRequest,
  ModelTools,
} from '../../../core/node-type/executor.ts';
import type { MediaTools } from '../../../core/node-type/media-tools.ts';
import type { AssetReference, NodeInputs } from '../../../core/node-type/values.ts';
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
    web: { secrets: unused, request: unused },
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
