import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTcpProxy, type TcpProxy } from '../testing/chaos/tcp-proxy.ts';
import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { graphOf } from '../testing/graphs.ts';
import { createTestInstallation, type TestInstallation } from '../testing/installation.ts';

describeOnRedis('a worker whose statements are committed and never answered', () => {
  let installation: TestInstallation;
  let proxy: TcpProxy;
  beforeEach(async () => {
    installation = await createTestInstallation('redis');
    proxy = await startTcpProxy(Number(new URL(installation.databaseUrl).port));
  });
  afterEach(async () => {
    await installation.stop();
    await proxy.stop();
  });

  test.each([0, 20])(
    'finds out what they came to, with %i hops: no attempt is repeated, and none is lost',
    async (hops) => {
      const through = new URL(installation.databaseUrl);
      through.port = String(proxy.port);
      const { api } = await installation.startServer();
      await installation.startWorker({ DATABASE_URL: through.href, WORKER_MAX_HOPS: String(hops) });
      const graph = graphOf(['a', 'b', 'c', 'd', 'e', 'f'], ['a>b', 'a>c', 'b>d', 'c>d', 'd>e', 'e>f']);
      for (const node of graph.nodes) node.data = { ...node.data, ms: 40 };
      const workflowId = await api.createWorkflow(graph);
      const runIds: string[] = [];
      for (let round = 0; round < 8; round += 1) {
        runIds.push(...(await Promise.all(Array.from({ length: 8 }, () => api.start(workflowId)))));
        // Long enough for what is under way to be committed, much shorter than a lease.
        await proxy.loseAnswers(250);
      }
      for (const runId of runIds) {
        const run = await api.finished(runId);
        expect(run.status).toBe('COMPLETED');
        expect(run.nodeExecutions.map(({ attempt }) => attempt)).toEqual(run.nodeExecutions.map(() => 1));
      }
      const { rows } = await installation.pool.query(
        `select node_execution_id from run_events where payload ->> 'status' = 'COMPLETED' and node_execution_id is not null
        group by 1 having count(*) > 1`,
      );
      expect(rows).toEqual([]);
    },
  );
});
