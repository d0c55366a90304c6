import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { eventually } from '../testing/eventually.ts';
import { graphOf } from '../testing/graphs.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../testing/installation.ts';
import { createProjectProcesses } from '../testing/processes.ts';
import { startRedisCluster, type TestRedisCluster } from '../testing/redis-cluster.ts';

describeOnRedis('an installation on a Redis Cluster of three nodes', () => {
  const prefix = `{test-${randomBytes(6).toString('hex')}}`;
  const processes = createProjectProcesses();
  let cluster: TestRedisCluster;
  let installation: TestInstallation;
  let server: InstalledServer;
  let settings: Record<string, string>;

  beforeAll(async () => {
    cluster = await startRedisCluster();
    const [first, ...others] = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`);
    settings = { REDIS_URL: `redis://${first}`, REDIS_CLUSTER_NODES: others.join(','), REDIS_PREFIX: prefix };
    installation = await createTestInstallation('redis', settings);
    server = await installation.startServer();
    await installation.startWorker();
    await installation.startWorker();
  });
  afterAll(async () => {
    await processes.stopAll();
    await installation.stop();
    await cluster.stop();
  });

  async function startRuns(count: number, ms: number): Promise<string[]> {
    const graph = graphOf(['a', 'b', 'c', 'd', 'e'], ['a>b', 'a>c', 'a>d', 'b>e', 'c>e', 'd>e']);
    for (const node of graph.nodes) node.data = { ...node.data, ms };
    const workflowId = await server.api.createWorkflow(graph);
    return Promise.all(Array.from({ length: count }, () => server.api.start(workflowId)));
  }

  async function expectDone(runIds: readonly string[]): Promise<void> {
    for (const runId of runIds) {
      const run = await server.api.finished(runId);
      expect(run.status).toBe('COMPLETED');
      expect(run.nodeExecutions.map(({ attempt }) => attempt)).toEqual(run.nodeExecutions.map(() => 1));
    }
  }

  test('runs every node of every run once, on both workers', async () => {
    await expectDone(await startRuns(20, 50));
    const { rows } = await installation.pool.query('select distinct worker_id from node_executions');
    expect(rows).toHaveLength(2);
  });

  test('keeps all keys on the node of its hash tag, for jobs and their parents move together', async () => {
    const runIds = await startRuns(1, 1_000);
    const owner = await cluster.nodeOf(prefix);
    await eventually(async () => (await server.api.nodes(runIds[0]!))['a']!.status === 'RUNNING');
    for (const { port } of cluster.nodes) {
      const redis = new Redis({ port });
      const keys = await redis.keys('*');
      redis.disconnect();
      expect(keys.length > 0).toBe(port === owner.port);
      expect(keys.every((key) => key.startsWith(`${prefix}:`))).toBe(true);
    }
    await expectDone(runIds);
  });

  test('tells a waiting client of the end of a run, by notices through the cluster', async () => {
    const graph = graphOf(['slow'], []);
    graph.nodes[0]!.data = { ...graph.nodes[0]!.data, ms: 500 };
    const workflowId = await server.api.createWorkflow(graph);
    const answer = await server.api.request('POST', `/api/workflows/${workflowId}/run?wait=20`, {});
    expect(answer.body).toMatchObject({ status: 'COMPLETED' });
  });

  test('goes on when the node with its keys is killed and started again', async () => {
    const runIds = await startRuns(20, 300);
    const owner = await cluster.nodeOf(prefix);
    await owner.end('SIGKILL');
    // Runs are taken while the queue is away.
    runIds.push(...(await startRuns(5, 100)));
    await owner.start();
    await expectDone(runIds);
  });

  test('goes on when that node comes back empty', async () => {
    const runIds = await startRuns(20, 300);
    const owner = await cluster.nodeOf(prefix);
    const redis = new Redis({ port: owner.port });
    await redis.flushall();
    redis.disconnect();
    await expectDone(runIds);
  });

  test('is found in order by the doctor', async () => {
    const doctor = processes.start({
      entry: 'cli/main.ts',
      args: ['doctor'],
      env: { ENV_FILE: '/dev/null', DATABASE_URL: installation.databaseUrl, ...settings },
    });
    await doctor.ended;
    expect(doctor.output()).toContain('a Redis Cluster answers at REDIS_URL and never evicts keys');
  });
});
