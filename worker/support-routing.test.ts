import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { fillTemplate } from '../core/templates/fill-template.ts';
import { supportRouting } from '../core/templates/support-routing.ts';
import { startFakeGemini } from '../testing/fake-gemini.ts';
import type { FakeModelServer } from '../testing/fake-model-server.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../testing/installation.ts';

const apiKey = 'a-key-of-the-test';

let installation: TestInstallation;
let server: InstalledServer;
let gemini: FakeModelServer;
let workflowId: number;
let otherId: number;
beforeAll(async () => {
  gemini = await startFakeGemini({ apiKey });
  installation = await createTestInstallation('postgres', { GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: gemini.url });
  [server] = await Promise.all([installation.startServer(), installation.startWorker()]);
  const graph = await fillTemplate(supportRouting, { model: 'gemini-fake', store: async () => '' });
  workflowId = await server.api.createWorkflow(graph);
  // Another message: what the model said of the first one is in the cache.
  const nodes = graph.nodes.map((node) =>
    node.id === 'message' ? { ...node, data: { ...node.data, text: 'Where is my other teapot?' } } : node,
  );
  otherId = await server.api.createWorkflow({ ...graph, nodes });
});
afterAll(async () => {
  await installation.stop();
  await gemini.stop();
});
beforeEach(() => gemini.reset());

const statusesOf = async (runId: string) =>
  Object.fromEntries(Object.entries(await server.api.nodes(runId)).map(([id, { status }]) => [id, status]));

test('a support message is answered on the way that the model names, and on no other', async () => {
  gemini.script(
    { kind: 'answer', chunks: ['Refund', '.\n'] },
    { kind: 'answer', chunks: ['Your money is on its way.'] },
  );
  const runId = await server.api.start(workflowId);
  expect(await server.api.finished(runId)).toMatchObject({ status: 'COMPLETED', handledFailures: 0 });
  expect(await statusesOf(runId)).toEqual({
    message: 'COMPLETED',
    topic: 'COMPLETED',
    route: 'COMPLETED',
    'refund-brief': 'COMPLETED',
    'refund-reply': 'COMPLETED',
    'problem-brief': 'SKIPPED',
    'problem-reply': 'SKIPPED',
    unclear: 'SKIPPED',
    'for-a-person': 'SKIPPED',
    reply: 'COMPLETED',
    'result-reply': 'COMPLETED',
  });
  const { reply, route, unclear } = await server.api.nodes(runId);
  expect(reply!.outputData).toEqual({ output: 'Your money is on its way.' });
  expect(route!.outputData).toEqual({ refund: 'Refund.\n' });
  expect(unclear).toMatchObject({ skipReason: 'branch', edges: { 'route-else-unclear-values': 'dead' } });
  // The model was asked twice: what it is about, and for the reply of that way.
  expect(gemini.prompts.map(({ prompt }) => prompt?.user.includes('within five days'))).toEqual([false, true]);
});

test('a message that the model cannot answer goes to a person with the reason, and the run completes', async () => {
  gemini.script({ kind: 'error', status: 400, message: 'Not with this text.' });
  const runId = await server.api.start(otherId);
  expect(await server.api.finished(runId)).toMatchObject({ status: 'COMPLETED', error: null, handledFailures: 1 });
  const { topic, route, reply } = await server.api.nodes(runId);
  expect(topic).toMatchObject({ status: 'FAILED', outputData: { error: { attempts: 1 } } });
  expect(route).toMatchObject({ status: 'SKIPPED', skipReason: 'branch' });
  expect(String(reply!.outputData?.['output'])).toMatch(/answer this customer yourself[\s\S]*teapot[\s\S]*"code"/);
});
