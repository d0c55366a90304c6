import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Graph } from '../core/graph/graph.ts';
import type { QueueKind } from './engine.ts';
import { eventually } from './eventually.ts';
import { chainOf, edgeOf, nodeOf } from './graphs.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from './installation.ts';
import type { ProjectProcess } from './processes.ts';

/** Shorter than in use, and long enough for a busy machine. */
const leaseMs = 6_000;

/**
 * The tests of an installation of real processes, killed without warning. Each home of the queue has a file of its own:
 * they run side by side.
 */
export function testProcessCrashes(kind: QueueKind): void {
  let installation: TestInstallation;
  beforeAll(async () => {
    installation = await createTestInstallation(kind, { LEASE_MS: String(leaseMs) });
  });
  afterAll(() => installation.stop());

  /** Alone, and started anew where a test has ended them: most of what these tests cost are starts. */
  let server: InstalledServer | undefined;
  let worker: ProjectProcess | undefined;
  const theServer = async () => (server ??= await installation.startServer());
  const theWorker = async () => (worker ??= await installation.startWorker());
  const killServer = async (signal: NodeJS.Signals) => {
    const { process } = await theServer();
    server = undefined;
    return await process.kill(signal);
  };
  const killWorker = async (signal: NodeJS.Signals) => {
    const doomed = await theWorker();
    worker = undefined;
    return await doomed.kill(signal);
  };

  const slowChain = (length: number, ms: number): Graph => {
    const graph = chainOf(length);
    for (const node of graph.nodes) node.data = { ms };
    return graph;
  };

  test('survives kill -9 of a worker in mid-node: the node runs again and is committed once, also on a way that was taken', async () => {
    const { api } = await theServer();
    await theWorker();
    const chain = await api.createWorkflow({
      nodes: [nodeOf('slow', 'delay', { ms: 2_000 }), nodeOf('after')],
      edges: [edgeOf('slow', 'after')],
    });
    const ways = await api.createWorkflow({
      nodes: [
        nodeOf('text', 'text', { text: 'yes' }),
        nodeOf('if', 'if', { operator: 'is', operand: 'yes' }),
        nodeOf('slow', 'delay', { ms: 2_000 }),
        nodeOf('no', 'delay', { ms: 0 }),
        nodeOf('further', 'delay', { ms: 0 }),
        nodeOf('meet', 'merge'),
      ],
      edges: [
        edgeOf('text', 'if'),
        edgeOf('if', 'slow', { sourceHandle: 'true' }),
        edgeOf('if', 'no', { sourceHandle: 'false' }),
        edgeOf('no', 'further'),
        edgeOf('further', 'meet'),
        edgeOf('slow', 'meet'),
      ],
    });
    const runIds = await Promise.all([chain, ways].map((workflowId) => api.start(workflowId)));
    // Both at once, and ended while both are: whichever is taken later is not over before.
    await eventually(async () => {
      const { rowCount } = await installation.pool.query(
        `select from node_executions where node_id = 'slow' and status = 'RUNNING' and attempt = 1`,
      );
      return rowCount === 2;
    });
    await killWorker('SIGKILL');
    await theWorker();
    for (const runId of runIds) {
      expect(await api.finished(runId)).toMatchObject({ status: 'COMPLETED', handledFailures: 0 });
      expect((await api.nodes(runId))['slow']).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    }
    expect(await api.nodes(runIds[1]!)).toMatchObject({
      no: { status: 'SKIPPED', skipReason: 'branch', edges: { 'if-no': 'dead' } },
      further: { status: 'SKIPPED', skipReason: 'branch' },
      meet: {
        status: 'COMPLETED',
        outputData: { output: 'yes' },
        edges: { 'further-meet': 'dead', 'slow-meet': 'live' },
      },
    });
    const { rows } = await installation.pool.query(
      `select n.node_id, count(*)::integer as ends from run_events e join node_executions n on n.id = e.node_execution_id
        where e.run_id = any($1) and e.payload ->> 'status' in ('COMPLETED', 'SKIPPED') group by n.id`,
      [runIds],
    );
    expect(rows).toHaveLength(2 + 6);
    expect(rows.filter(({ ends }) => ends !== 1)).toEqual([]);
  });

  test('survives kill -9 of the server: runs go on, and a new server shows them', async () => {
    const first = await theServer();
    await theWorker();
    const workflowId = await first.api.createWorkflow(slowChain(5, 300));
    const runId = await first.api.start(workflowId);
    await eventually(async () => (await first.api.nodes(runId))['n0']!.status !== 'PENDING');
    await killServer('SIGKILL');
    const second = await theServer();
    expect(await second.api.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect((await second.api.run(runId)).nodeExecutions.every((node) => node.attempt === 1)).toBe(true);
  });

  test('survives the death of everything at once', async () => {
    const first = await theServer();
    await theWorker();
    const workflowId = await first.api.createWorkflow(slowChain(4, 400));
    const runIds = await Promise.all(Array.from({ length: 5 }, () => first.api.start(workflowId)));
    await eventually(async () => (await first.api.nodes(runIds[0]!))['n0']!.status === 'COMPLETED');
    await Promise.all([killServer('SIGKILL'), killWorker('SIGKILL')]);
    const [second] = await Promise.all([theServer(), theWorker()]);
    for (const runId of runIds) {
      expect(await second.api.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    }
  });

  if (kind === 'redis') {
    test('goes on within 30 s after its Redis was flushed in mid-run', async () => {
      const redis = installation.redis!;
      const { api } = await theServer();
      await theWorker();
      const workflowId = await api.createWorkflow(slowChain(8, 300));
      const runId = await api.start(workflowId);
      await eventually(async () => (await api.nodes(runId))['n2']!.status === 'COMPLETED');
      const connection = new Redis(redis.url);
      const keys = await connection.keys(`${redis.prefix}:*`);
      await connection.del(...keys);
      connection.disconnect();
      expect(await api.finished(runId)).toMatchObject({ status: 'COMPLETED' });
      expect((await api.run(runId)).nodeExecutions.every((node) => node.attempt === 1)).toBe(true);
    });
  }

  test('drains on SIGTERM: a worker finishes what it runs and leaves with code 0', async () => {
    const { api } = await theServer();
    await theWorker();
    const workflowId = await api.createWorkflow({ nodes: [nodeOf('slow', 'delay', { ms: 1_500 })], edges: [] });
    const runId = await api.start(workflowId);
    await eventually(async () => (await api.nodes(runId))['slow']!.status === 'RUNNING');
    expect(await killWorker('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await api.run(runId)).toMatchObject({ status: 'COMPLETED', nodeExecutions: [{ attempt: 1 }] });
    expect(await killServer('SIGTERM')).toEqual({ code: 0, signal: null });
  });
}
