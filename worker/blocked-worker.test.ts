import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeOnBothQueues } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { createTestInstallation, probedPrograms, type InstalledServer } from '../testing/installation.ts';
import type { TestInstallation } from '../testing/installation.ts';
import type { ProjectProcess } from '../testing/processes.ts';

/** Real processes: what blocks a loop blocks a whole program. */
describeOnBothQueues('attack 24: a node that blocks the loop of its worker', (kind) => {
  let installation: TestInstallation;
  let server: InstalledServer;
  let workers: ProjectProcess[];
  beforeAll(async () => {
    installation = await createTestInstallation(kind, {}, probedPrograms);
    server = await installation.startServer();
    workers = await Promise.all([installation.startWorker(), installation.startWorker()]);
  }, 90_000);
  afterAll(() => installation.stop(), 60_000);

  test('costs that worker its life within 10 s, while another takes the node over and serves everybody else', async () => {
    const file = path.join(installation.dataDir, 'block-once');
    await writeFile(file, '');
    const { api } = server;
    const blocking = await api.createWorkflow({
      nodes: [nodeOf('block', 'probe', { name: 'block', blocksOnce: file }), nodeOf('after')],
      edges: [edgeOf('block', 'after')],
    });
    const quick = await api.createWorkflow({ nodes: [nodeOf('quick', 'delay', { ms: 1 })], edges: [] });
    const runId = await api.start(blocking);
    await eventually(async () => (await api.nodes(runId))['block']!.status === 'RUNNING');
    const blockedAt = performance.now();
    const { end, worker } = await Promise.race(
      workers.map(async (candidate) => ({ end: await candidate.ended, worker: candidate })),
    );
    expect(performance.now() - blockedAt).toBeLessThan(10_000);
    expect(end).toEqual({ code: null, signal: 'SIGKILL' });
    expect(worker.output()).toContain('LOOP_BLOCKED');
    // Whoever starts it again, as every supervisor does, has all of its slots back.
    const again = installation.startWorker();
    expect(await api.finished(await api.start(quick), 10_000)).toMatchObject({ status: 'COMPLETED' });
    await again;
    expect(await api.finished(runId, 20_000)).toMatchObject({ status: 'COMPLETED' });
    expect(performance.now() - blockedAt).toBeLessThan(20_000);
    expect((await api.nodes(runId))['block']).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  }, 90_000);

  test('is not what a worker is taken for that was frozen as a whole', async () => {
    const worker = await installation.startWorker({ WORKER_MAX_LAG_MS: '1000' });
    process.kill(worker.pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    process.kill(worker.pid, 'SIGCONT');
    const outcome = await Promise.race([
      worker.ended,
      new Promise<string>((resolve) => setTimeout(() => resolve('alive'), 3_000)),
    ]);
    expect(outcome).toBe('alive');
  }, 60_000);
});
