import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from './checks.ts';
import type { ComposeContext } from './context.ts';
import { checkRuns, describe, fanEdges, fanNodes, mustNotRepeat, startLoad, type LoadResult } from './load.ts';

/** Under way when the fault comes. */
const slowMs = 3_000;

/** What machines and operators do to a running installation. */
export async function checkFaults({ checks, stack, api }: ComposeContext): Promise<void> {
  /** Starts slow runs and waits until every worker is in the middle of some node. */
  async function inMidNode(): Promise<string[]> {
    const workflowId = await api.createWorkflow(fanNodes(slowMs), fanEdges);
    const runIds = await Promise.all(Array.from({ length: 6 }, () => api.start(workflowId, randomUUID())));
    const workers = (await stack.containers('worker')).length;
    for (let tries = 0; tries < 600; tries += 1) {
      const [[busy = ''] = []] = await stack.query(
        `select count(distinct worker_id) from node_executions where status = 'RUNNING'`,
      );
      if (Number(busy) === workers) return runIds;
      await sleep(100);
    }
    throw new Error('not every worker got a node');
  }

  /**
   * Ends the program of a container as the kernel's out-of-memory killer would,
   * and waits until Docker has started it again.
   */
  async function killProgram(service: string, index: number, user: string, command: string): Promise<void> {
    const container = (await stack.containers(service))[index] ?? '';
    const before = await restarts(container);
    const script = `for process in /proc/[0-9]*; do
        pid=\${process#/proc/}
        [ "$pid" = 1 ] || ! tr '\\0' ' ' <$process/cmdline | grep -q '^${command}' || kill -9 "$pid"
      done`;
    // The command itself may go down with the container.
    await stack.docker('exec', '--user', user, container, 'sh', '-c', script).catch(() => '');
    for (let tries = 0; tries < 600; tries += 1) {
      if ((await restarts(container)) > before) return;
      await sleep(100);
    }
    throw new Error(`${service}: Docker did not start it again`);
  }

  const restarts = async (container: string) =>
    Number(await stack.docker('inspect', '--format', '{{.RestartCount}}', container));

  /** Lets a worker die until it was in the middle of a node: on a busy machine the node may have ended before. */
  async function dieInMidNode(die: () => Promise<unknown>): Promise<LoadResult> {
    for (let tries = 1; ; tries += 1) {
      const runIds = await inMidNode();
      await die();
      const result = await checkRuns(stack, runIds);
      if (result.repeats > 0) return result;
      must(tries < 5, 'no attempt was repeated: five times the worker did not die in mid-node');
    }
  }

  await checks.check('kill -9 of a worker in mid-node: others take over, and it comes back by itself', async () =>
    describe(await dieInMidNode(() => killProgram('worker', 0, 'node', 'node dist/worker/main.js'))),
  );

  await checks.check('docker kill of a worker in mid-node: others take over; up brings it back', async () => {
    const result = await dieInMidNode(async () => {
      await stack.compose('up', '-d', '--wait', '--scale', 'worker=3');
      const [, victim = ''] = await stack.containers('worker');
      await stack.docker('kill', victim);
    });
    await stack.compose('up', '-d', '--wait', '--scale', 'worker=3');
    must((await stack.containers('worker')).length === 3, 'it did not come back');
    return describe(result);
  });

  const underLoad = (name: string, fault: () => Promise<unknown>, { mayRepeat }: { mayRepeat: boolean }) =>
    checks.check(name, async () => {
      const workflowId = await api.createWorkflow(fanNodes(250), fanEdges);
      const load = startLoad(stack, api, workflowId);
      await sleep(2_000);
      await fault();
      await sleep(2_000);
      const result = await load.stop();
      if (!mayRepeat) await mustNotRepeat(stack, load.accepted, result);
      return describe(result);
    });

  await underLoad('Redis is restarted under load', () => stack.compose('restart', 'redis'), { mayRepeat: false });
  await underLoad(
    'Redis is killed under load and comes back by itself',
    () => killProgram('redis', 0, 'redis', 'redis-server'),
    { mayRepeat: true },
  );
  await underLoad(
    'Redis loses everything under load',
    () =>
      stack.compose(
        'exec',
        '-T',
        'redis',
        'sh',
        '-c',
        'REDISCLI_AUTH=$(cat /secrets/redis/password) redis-cli flushall',
      ),
    { mayRepeat: true },
  );
  await underLoad('Postgres is restarted under load', () => stack.compose('restart', 'postgres'), { mayRepeat: false });
  await underLoad(
    'Postgres is killed under load and comes back by itself',
    () => killProgram('postgres', 0, 'postgres', '[^ ]*postgres'),
    { mayRepeat: true },
  );
  await underLoad(
    'the server is killed under load and comes back by itself',
    () => killProgram('server', 0, 'node', 'node dist/server/main.js'),
    { mayRepeat: false },
  );

  await checks.check('down and up again with runs under way: they go on where they were', async () => {
    const workflowId = await api.createWorkflow(fanNodes(slowMs), fanEdges);
    const runIds = await Promise.all(Array.from({ length: 10 }, () => api.start(workflowId, randomUUID())));
    await sleep(1_000);
    await stack.compose('down');
    await stack.compose('up', '-d', '--wait', '--scale', 'worker=3');
    const result = await checkRuns(stack, runIds);
    await mustNotRepeat(stack, runIds, result);
    return describe(result);
  });
}
