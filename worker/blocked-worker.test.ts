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
  });
  afterAll(() => installation.stop());

  test('costs that worker its life, while another takes the node over and serves everybody else', async () => {
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
    const { end, worker } = await Promise.race(
      workers.map(async (candidate) => ({ end: await candidate.ended, worker: candidate })),
    );
    expect(end).toEqual({ code: null, signal: 'SIGKILL' });
    expect(worker.output()).toContain('LOOP_BLOCKED');
    // Whoever starts it again, as every supervisor does, has all of its slots back.
    const again = installation.startWorker();
    expect(await api.finished(await api.start(quick))).toMatchObject({ status: 'COMPLETED' });
    workers.push(await again);
    expect(await api.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect((await api.nodes(runId))['block']).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  });

  test('is not what a worker is taken for that was frozen as a whole', async () => {
    const worker = await installation.startWorker({ WORKER_MAX_LAG_MS: '3000' });
    // Only this one is there for what follows.
    for (const other of workers) await other.kill('SIGKILL');
    process.kill(worker.pid, 'SIGSTOP');
    await eventually(async () => {
      const { rows } = await installation.pool.query<{ isSilent: boolean }>(
        `select max(heartbeat_at) < clock_timestamp() - interval '4 seconds' as "isSilent" from workers`,
      );
      return rows[0]!.isSilent;
    });
    process.kill(worker.pid, 'SIGCONT');
    const { api } = server;
    const quick = await api.createWorkflow({ nodes: [nodeOf('quick', 'delay', { ms: 1 })], edges: [] });
    expect(await api.finished(await api.start(quick))).toMatchObject({ status: 'COMPLETED' });
    expect(worker.output()).not.toContain('LOOP_BLOCKED');
  });
});
