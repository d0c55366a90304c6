import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Graph } from '../core/graph/graph.ts';
import { workPoints, type WorkPoint } from '../worker/work-points.ts';
import { startCallCounter, type CallCounter } from './call-counter.ts';
import type { QueueKind } from './engine.ts';
import { edgeOf, nodeOf } from './graphs.ts';
import { createTestInstallation, probedPrograms, type InstalledServer, type TestInstallation } from './installation.ts';
import type { ProjectProcess } from './processes.ts';

/** Shorter than in use, and long enough for a busy machine. */
const leaseMs = 6_000;
/** Between these two the call is made and not yet recorded: the next attempt makes it once more, with the same key. */
const callIsRepeated: ReadonlySet<WorkPoint> = new Set(['after-call', 'before-record']);

/** The tests of a worker that dies in the middle of a run. Each home of the queue has a file of its own: they run side by side. */
export function testKillPoints(kind: QueueKind): void {
  let installation: TestInstallation;
  let server: InstalledServer;
  let provider: CallCounter;
  beforeAll(async () => {
    provider = await startCallCounter();
    installation = await createTestInstallation(kind, { LEASE_MS: String(leaseMs) }, probedPrograms);
    server = await installation.startServer();
  });
  afterAll(async () => {
    await installation.stop();
    await provider.stop();
  });

  function chain(): Graph {
    const ids = ['first', 'second', 'third'];
    return {
      nodes: ids.map((id) => nodeOf(id, 'probe', { name: id, callUrl: provider.url })),
      edges: ids.slice(1).map((id, index) => edgeOf(ids[index]!, id)),
    };
  }

  // With no hops the second node goes through the queue; else the worker goes on with it, and claims it with the record.
  const cases = workPoints.flatMap((point) => [
    { point, maxHops: 0 },
    ...(point === 'before-claim' ? [] : [{ point, maxHops: 20 }]),
  ]);
  /** Goes on with what the worker before it left, and is then the one to die: a start costs more than all else that a case does. */
  let next: { readonly worker: ProjectProcess; readonly of: (typeof cases)[number] } | undefined;
  const start = async (of: (typeof cases)[number]) => {
    const args = ['--die-at', `${of.point}:2`, '--when-told'];
    return { of, worker: await installation.startWorker({ WORKER_MAX_HOPS: String(of.maxHops) }, args) };
  };

  test.each(cases)(
    'at "$point" with $maxHops hops: each node is committed once, and no finished node runs again',
    async (one) => {
      const { api } = server;
      // Where cases are left out, another one's worker stands there.
      if (next !== undefined && next.of !== one) {
        await next.worker.kill('SIGTERM');
        next = undefined;
      }
      // Alone, so that the second passing is about the second node.
      const { worker: doomed } = next ?? (await start(one));
      next = undefined;
      process.kill(doomed.pid, 'SIGUSR2');
      await doomed.waitForOutput('{"told":true}');
      const runId = await api.start(await api.createWorkflow(chain()));
      expect(await doomed.ended).toEqual({ code: null, signal: 'SIGKILL' });
      next = await start(cases[cases.indexOf(one) + 1] ?? one);
      const run = await api.finished(runId);
      expect(run).toMatchObject({ status: 'COMPLETED' });

      const { rows: commits } = await installation.pool.query<{ node_id: string; id: string; commits: number }>(
        `select n.node_id, n.id, count(*)::integer as commits
           from node_executions n join run_events e on e.node_execution_id = n.id
          where n.run_id = $1 and e.payload ->> 'status' = 'COMPLETED' group by n.id order by n.node_id`,
        [runId],
      );
      expect(commits).toMatchObject(['first', 'second', 'third'].map((id) => ({ node_id: id, commits: 1 })));
      const calls = Object.fromEntries(commits.map((node) => [node.node_id, provider.count(node.id)]));
      expect(calls).toEqual({ first: 1, second: callIsRepeated.has(one.point) ? 2 : 1, third: 1 });
    },
  );
}
