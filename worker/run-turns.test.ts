import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Graph } from '../core/graph/graph.ts';
import { cancelRun } from '../server/runs/cancel-run.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { nodeOf } from '../testing/graphs.ts';

const pause = (ms: number): Graph => ({ nodes: [nodeOf('pause', 'delay', { ms })], edges: [] });

async function addUser(engine: TestEngine, id: string): Promise<{ start(graph: Graph): Promise<string> }> {
  await engine.pool.query(`insert into users (id, email) values ($1, $2)`, [id, `${id}@example.org`]);
  const workflows = new Map<Graph, number>();
  return {
    start: async (data) => {
      let workflow = workflows.get(data);
      if (workflow === undefined) {
        const { rows } = await engine.pool.query<{ id: number }>(
          `insert into workflows (name, data, user_id) values ('test', $1, $2) returning id`,
          [JSON.stringify(data), id],
        );
        workflow = rows[0]!.id;
        workflows.set(data, workflow);
      }
      return engine.start(data, { userId: id, workflow: { id: workflow, data } });
    },
  };
}

describeOnBothQueues('turns', (kind) => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await createTestEngine(kind, { maxActiveRunsPerUser: 2 });
    await engine.startWorker();
  });
  afterAll(() => engine.stop());

  test('let no more runs of a user be under way than the limit, in the order of their starts', async () => {
    const user = await addUser(engine, 'busy');
    const graph = pause(50);
    const ids: string[] = [];
    for (let i = 0; i < 10; i += 1) ids.push(await user.start(graph));
    let most = 0;
    await eventually(async () => {
      const { rows } = await engine.pool.query<{ running: number; open: number }>(
        `select (count(*) filter (where status = 'RUNNING'))::integer as running,
                (count(*) filter (where finished_at is null))::integer as open
           from workflow_runs where user_id = 'busy'`,
      );
      most = Math.max(most, rows[0]!.running);
      return rows[0]!.open === 0;
    });
    expect(most).toBeLessThanOrEqual(2);
    const { rows } = await engine.pool.query<{ id: string }>(
      `select id from workflow_runs where user_id = 'busy' order by admitted_at, created_at`,
    );
    expect(rows.map(({ id }) => id)).toEqual(ids);
  });

  test('begin a run at once beside those of somebody else who has many waiting', async () => {
    const greedy = await addUser(engine, 'greedy');
    const modest = await addUser(engine, 'modest');
    const long = pause(2_000);
    for (let i = 0; i < 20; i += 1) await greedy.start(long);
    const before = performance.now();
    await engine.finished(await modest.start(pause(1)));
    expect(performance.now() - before).toBeLessThan(2_000);
    await engine.pool.query(`delete from workflows where user_id = 'greedy'`);
  });

  test('take the time of a run from its turn, and a waiting run can be cancelled', async () => {
    const user = await addUser(engine, 'patient');
    const long = pause(1_500);
    await user.start(long);
    await user.start(long);
    const waiting = [await user.start(long), await user.start(long)];
    // Its whole time goes by while it waits.
    await engine.pool.query(
      `update workflow_runs set created_at = created_at - interval '1 day', deadline_at = deadline_at - interval '1 day'
        where id = $1`,
      [waiting[0]],
    );
    expect(await cancelRun(engine, waiting[1]!)).toBe(true);
    expect((await engine.finished(waiting[0]!)).status).toBe('COMPLETED');
    expect((await engine.run(waiting[1]!)).status).toBe('CANCELLED');
  });

  test('that a crash left undone are made good by the sweeper', async () => {
    const user = await addUser(engine, 'unlucky');
    const long = pause(60_000);
    await user.start(long);
    await user.start(long);
    const stranded = await user.start(pause(1));
    // Both go without anybody who would give their room to the next one.
    await engine.pool.query(
      `delete from workflow_runs where user_id = 'unlucky' and admitted_at is not null and finished_at is null`,
    );
    expect((await engine.finished(stranded)).status).toBe('COMPLETED');
  });
});

/** The 95th percentile of how long the only node of each run waited, in ms. */
async function waitP95(engine: TestEngine, runIds: readonly string[]): Promise<number> {
  const { rows } = await engine.pool.query<{ p95: number }>(
    `select percentile_cont(0.95) within group (
              order by extract(epoch from (n.started_at - r.created_at)) * 1000)::double precision as p95
       from workflow_runs r join node_executions n on n.run_id = r.id where r.id = any ($1::uuid[])`,
    [runIds],
  );
  return rows[0]!.p95;
}

describeOnBothQueues('attack 23: two users, of whom one has 10,000 runs in the queue', (kind) => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await createTestEngine(kind, { maxActiveRunsPerUser: 5 });
    await engine.startWorker();
  });
  afterAll(() => engine.stop());

  test("the p95 of the other one's wait stays under twice of what it is alone", async () => {
    const small = await addUser(engine, 'small');
    const large = await addUser(engine, 'large');
    const short = pause(1);
    const measure = async () => {
      const ids: string[] = [];
      for (let i = 0; i < 100; i += 1) {
        const id = await small.start(short);
        await engine.finished(id);
        ids.push(id);
      }
      return waitP95(engine, ids);
    };
    const alone = Math.min(await measure(), await measure(), await measure());

    // A run as a model node makes it: it waits for the outside world.
    const long = pause(1_000);
    for (let batch = 0; batch < 100; batch += 1)
      await Promise.all(Array.from({ length: 100 }, () => large.start(long)));
    // The machine may be busy with something else meanwhile: one calm round of several shows what is waited for.
    const rounds: number[] = [];
    for (let round = 0; round < 8 && !rounds.some((beside) => beside < 2 * alone); round += 1) {
      rounds.push(await measure());
    }
    const { rows } = await engine.pool.query<{ waiting: number }>(
      `select count(*)::integer as waiting from workflow_runs where user_id = 'large' and admitted_at is null`,
    );
    expect(rows[0]!.waiting).toBeGreaterThan(9_000);
    expect(Math.min(...rounds)).toBeLessThan(2 * alone);
  }, 180_000);
});
