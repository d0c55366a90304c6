import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { nodeOf } from '../testing/graphs.ts';
import { scripted, scriptedExecutor, scriptedNode } from '../testing/scripted-node.ts';

describeOnBothQueues('attack 24: a node that never lets go', (kind) => {
  let engine: TestEngine;
  const nodes = scriptedExecutor({ deaf: () => new Promise(() => {}) });
  beforeAll(async () => {
    engine = await createTestEngine(kind, { definitions: [scriptedNode], executors: [nodes.executor] });
    // One slot: whoever holds it holds up everybody.
    await engine.startWorker({ concurrency: { io: 1 } });
  });
  afterAll(() => engine.stop());

  test('is ended at its time limit though it ignores the abort, and its slot is free for the next one', async () => {
    const stuck = await engine.start({ nodes: [scripted('stuck', 'deaf', { timeoutMs: 500 })], edges: [] });
    const next = await engine.start({ nodes: [nodeOf('next', 'delay', { ms: 1 })], edges: [] });
    expect((await engine.finished(next)).status).toBe('COMPLETED');
    expect((await engine.finished(stuck)).status).toBe('FAILED');
    expect((await engine.nodes(stuck))['stuck']).toMatchObject({ status: 'FAILED', error_code: 'NODE_TIMEOUT' });
  });
});
