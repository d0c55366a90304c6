import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Graph } from '../core/graph/graph.ts';
import type { QueueKind } from './engine.ts';
import { eventually } from './eventually.ts';
import { chainOf, edgeOf, nodeOf } from './graphs.ts';
import { createTestInstallation, type TestInstallation } from './installation.ts';

/**
 * The tests of an installation of real processes, killed without warning. Each home of the queue has a file of its own:
 * they run side by side.
 */
export function testProcessCrashes(kind: QueueKind): void {
  let installation: TestInstallation;
  beforeEach(async () => {
    installation = await createTestInstallation(kind);
  });
  afterEach(() => installation.stop());

  const slowChain = (length: number, ms: number): Graph => {
    const graph = chainOf(length);
    for (const node of graph.nodes) node.data = { ms };
    return graph;
  };

  test('survives kill -9 of a worker in mid-node: the node runs again and is committed once', async () => {
    const { api } = await installation.startServer();
    const doomed = await installation.startWorker();
    const workflowId = await api.createWorkflow({
      nodes: [nodeOf('slow', 'delay', { ms: 2_000 }), nodeOf('after')],
      edges: [edgeOf('slow', 'after')],
    });
    const runId = await api.start(workflowId);
    await eventually(async () => (await api.nodes(runId))['slow']!.status === 'RUNNING');
    const other = installation.startWorker();
    await doomed.kill('SIGKILL');
    await other;
    await eventually(async () => (await api.nodes(runId))['slow']!.attempt === 2);
    expect(await api.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const { rows } = await installation.pool.query(
      `select count(*)::integer as commits from run_events
        where run_id = $1 and type = 'node.updated' and payload ->> 'status' = 'COMPLETED'`,
      [runId],
    );
    expect(rows[0].commits).toBe(2);
  });

  test('survives kill -9 of a worker on a way that was taken: each node is committed once, the other way skipped once', async () => {
    const { api } = await installation.startServer();
    const doomed = await installation.startWorker();
    const workflowId = await api.createWorkflow({
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
    const runId = await api.start(workflowId);
    await eventually(async () => (await api.nodes(runId))['slow']!.status === 'RUNNING');
    const other = installation.startWorker();
    await doomed.kill('SIGKILL');
    await other;
    expect(await api.finished(runId)).toMatchObject({ status: 'COMPLETED', handledFailures: 0 });
    expect(await api.nodes(runId)).toMatchObject({
      slow: { status: 'COMPLETED', attempt: 2 },
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
        where e.run_id = $1 and e.payload ->> 'status' in ('COMPLETED', 'SKIPPED') group by n.node_id`,
      [runId],
    );
    expect(rows).toHaveLength(6);
    expect(rows.filter(({ ends }) => ends !== 1)).toEqual([]);
  });

  test('survives kill -9 of the server: runs go on, and a new server shows them', async () => {
    const first = await installation.startServer();
    await installation.startWorker();
    const workflowId = await first.api.createWorkflow(slowChain(5, 300));
    const runId = await first.api.start(workflowId);
    await eventually(async () => (await first.api.nodes(runId))['n0']!.status !== 'PENDING');
    await first.process.kill('SIGKILL');
    const second = await installation.startServer();
    expect(await second.api.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    expect((await second.api.run(runId)).nodeExecutions.every((node) => node.attempt === 1)).toBe(true);
  });

  test('survives the death of everything at once', async () => {
    const first = await installation.startServer();
    const worker = await installation.startWorker();
    const workflowId = await first.api.createWorkflow(slowChain(4, 400));
    const runIds = await Promise.all(Array.from({ length: 5 }, () => first.api.start(workflowId)));
    await eventually(async () => (await first.api.nodes(runIds[0]!))['n0']!.status === 'COMPLETED');
    await Promise.all([first.process.kill('SIGKILL'), worker.kill('SIGKILL')]);
    const [second] = await Promise.all([installation.startServer(), installation.startWorker()]);
    for (const runId of runIds) {
      expect(await second.api.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    }
  });

  if (kind === 'redis') {
    test('goes on within 30 s after its Redis was flushed in mid-run', async () => {
      const redis = installation.redis!;
      const { api } = await installation.startServer();
      await installation.startWorker();
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
    const { api, process: server } = await installation.startServer();
    const worker = await installation.startWorker();
    const workflowId = await api.createWorkflow({ nodes: [nodeOf('slow', 'delay', { ms: 1_500 })], edges: [] });
    const runId = await api.start(workflowId);
    await eventually(async () => (await api.nodes(runId))['slow']!.status === 'RUNNING');
    expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await api.run(runId)).toMatchObject({ status: 'COMPLETED', nodeExecutions: [{ attempt: 1 }] });
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });
}
