import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { usageSchema } from '../core/api/usage.ts';
import { nodeOf } from '../testing/graphs.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../testing/installation.ts';
import { WireServer, type WireRule } from '../testing/wire-server.ts';

interface WireCase {
  readonly id: string;
  readonly wire: 'openai' | 'gemini';
  readonly request?: object;
  readonly script: readonly WireRule[];
  readonly expected: {
    readonly status: string;
    readonly text?: string;
    readonly code?: string;
    readonly calls?: number;
  };
}

const cases = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../providers/wire-cases.json'), 'utf8'),
) as readonly WireCase[];

let provider: WireServer;
let installation: TestInstallation;
let server: InstalledServer;
beforeAll(async () => {
  provider = new WireServer();
  await provider.start();
  installation = await createTestInstallation('postgres', {
    OPENAI_BASE_URL: `${provider.url}/v1`,
    GEMINI_BASE_URL: provider.url,
    GEMINI_API_KEY: 'a-key-for-tests-alone',
  });
  server = await installation.startServer();
  await installation.startWorker();
});
afterAll(async () => {
  await installation.stop();
  await provider.stop();
});

/** Runs one LLM node to its end, with real servers and workers. */
async function run({ id, wire, request, script }: WireCase) {
  provider.play(script);
  const data = { model: `${wire}/${id}`, userMessage: 'Say hello', ...request };
  const workflowId = await server.api.createWorkflow({ nodes: [nodeOf('n', 'llm', data)], edges: [] });
  const runId = await server.api.start(workflowId);
  await server.api.finished(runId);
  return (await server.api.nodes(runId))['n']!;
}

test.each(
  [
    'o16-422-list',
    'o19-llama-error-after-text',
    'o23-think',
    'oown-error-nul',
    'oown-echo-emoji',
    'oown-finish-then-reset',
    'gown-mime-nul',
    'gown-block-nul',
    'gown-error-nul',
  ].map((id) => cases.find((wireCase) => wireCase.id === id)!),
)(
  '$id: a run comes to what the case says',
  async (wireCase) => {
    const { status, text, code } = wireCase.expected;
    const node = await run(wireCase);
    if (wireCase.expected.calls !== undefined) expect(provider.requests).toHaveLength(wireCase.expected.calls);
    expect(node).toMatchObject({
      status,
      attempt: 1,
      errorCode: code ?? null,
      outputData: text === undefined ? null : { output: text },
    });
  },
  300_000,
);

test('an answer that was cut is paid: its tokens stand at the node and in the usage of the account', async () => {
  const node = await run(cases.find(({ id }) => id === 'o20-whole-length')!);
  expect(node).toMatchObject({ status: 'FAILED', usage: { inputTokens: 7, outputTokens: 2 } });
  const { body } = await server.api.request('GET', '/api/usage');
  expect(usageSchema.parse(body).tokens.output).toBeGreaterThanOrEqual(2);
});
