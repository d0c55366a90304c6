import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeOnBothQueues } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { nodeOf } from '../testing/graphs.ts';
import { createTestInstallation, probedPrograms, type InstalledServer } from '../testing/installation.ts';
import type { TestInstallation } from '../testing/installation.ts';

/** Real processes: what ends its process must not end the test's. */
describeOnBothQueues('a node that was there when two workers died', (kind) => {
  let installation: TestInstallation;
  let server: InstalledServer;
  let isOver = false;
  let supervising: Promise<void>;
  beforeAll(async () => {
    installation = await createTestInstallation(kind, {}, probedPrograms);
    server = await installation.startServer();
    // As every supervisor does.
    supervising = (async () => {
      while (!isOver) await (await installation.startWorker()).ended;
    })();
    supervising.catch(() => {});
  });
  afterAll(async () => {
    isOver = true;
    await installation.stop();
    await supervising.catch(() => {});
  });

  test('runs alone the third time: the guilty one is ended, and those beside it complete', async () => {
    const { api } = server;
    const workflowId = await api.createWorkflow({
      nodes: [
        nodeOf('poison', 'probe', { name: 'poison', ms: 1_500, fails: 'crash' }),
        ...['a', 'b'].map((name) => nodeOf(name, 'probe', { name, ms: 4_000 })),
      ],
      edges: [],
    });
    const runId = await api.start(workflowId);
    const run = await api.finished(runId, 280_000);
    expect(run.status).toBe('FAILED');
    const { rows } = await installation.pool.query<{
      node: string;
      status: string;
      code: string | null;
      crashes: number;
    }>(
      `select node_id as node, status, error_code as code, crash_count as crashes from node_executions
        where run_id = $1 order by node_id`,
      [runId],
    );
    expect(rows).toEqual([
      ...['a', 'b'].map((node) => ({ node, status: 'COMPLETED', code: null, crashes: 2 })),
      { node: 'poison', status: 'FAILED', code: 'NODE_CRASHED_WORKER', crashes: 3 },
    ]);
    // The worker that ran them alone has lived on, and its processes are gone without a trace.
    await eventually(async () => {
      const left = await installation.pool.query(
        `select from workers where parent_id is not null and expired_at is null`,
      );
      return left.rows.length === 0;
    });
    const quick = await api.createWorkflow({ nodes: [nodeOf('quick', 'delay', { ms: 1 })], edges: [] });
    expect(await api.finished(await api.start(quick))).toMatchObject({ status: 'COMPLETED' });
  }, 320_000);
});
