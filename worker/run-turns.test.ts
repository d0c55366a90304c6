import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { v7 as newId } from 'uuid';
import type { Graph } from '../core/graph/graph.ts';
import { beginRuns } from '../db/runs/begin.ts';
import { createTestEngine, describeOnBothQueues, type TestEngine } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { chainOf, nodeOf } from '../testing/graphs.ts';

const pause = (ms: number): Graph => ({ nodes: [nodeOf('pause', 'delay', { ms })], edges: [] });
/** A minute of delays that are short enough to be held by a worker: it never rests. */
const longWork: Graph = {
  ...chainOf(12),
  nodes: chainOf(12).nodes.map((node) => ({ ...node, data: { ms: 5_000 } })),
};

async function addUser(
  engine: TestEngine,
  id: string,
): Promise<{ start(graph: Graph, runId?: string): Promise<string> }> {
  await engine.pool.query(`insert into users (id, email) values ($1, $2)`, [id, `${id}@example.org`]);
  const workflows = new Map<Graph, number>();
  return {
    start: async (data, runId) => {
      let workflow = workflows.get(data);
      if (workflow === undefined) {
        const { rows } = await engine.pool.query<{ id: number }>(
          `insert into workflows (name, data, user_id) values ('test', $1, $2) returning id`,
          [JSON.stringify(data), id],
        );
        workflow = rows[0]!.id;
        workflows.set(data, workflow);
      }
      return engine.start(data, { userId: id, workflow: { id: workflow }, runId });
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
    const long = longWork;
    for (let i = 0; i < 20; i += 1) await greedy.start(long);
    // Those of the other one would take ten hours.
    expect((await engine.finished(await modest.start(pause(1)))).status).toBe('COMPLETED');
    const { rows } = await engine.pool.query<{ open: number }>(
      `select count(*)::integer as open from workflow_runs where user_id = 'greedy' and finished_at is null`,
    );
    expect(rows[0]!.open).toBe(20);
    await engine.pool.query(`delete from workflows where user_id = 'greedy'`);
  });

  test('take the time of a run from its turn, and a waiting run can be cancelled', async () => {
    const user = await addUser(engine, 'asking');
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
    expect(await engine.starter.cancel(waiting[1]!)).toBe(true);
    expect((await engine.finished(waiting[0]!)).status).toBe('COMPLETED');
    expect((await engine.run(waiting[1]!)).status).toBe('CANCELLED');
  });

  test('are not taken by a run whose start is repeated while it waits', async () => {
    const user = await addUser(engine, 'insistent');
    const long = longWork;
    const underWay = [await user.start(long), await user.start(long)];
    const short = pause(1);
    const runId = newId();
    for (let i = 0; i < 2; i += 1) expect(await user.start(short, runId)).toBe(runId);
    expect(await beginRuns(engine.pool, [runId])).toEqual({ runs: [], ready: [], claims: [] });
    expect((await engine.run(runId)).status).toBe('PENDING');
    for (const id of underWay) await engine.starter.cancel(id);
    expect((await engine.finished(runId)).status).toBe('COMPLETED');
  });

  test('are not held by runs in which nothing but waits is left', async () => {
    const user = await addUser(engine, 'sleeper');
    const waiting: string[] = [];
    for (let i = 0; i < 5; i += 1) waiting.push(await user.start(pause(7 * 86_400_000)));
    // Each of them has had its turn, and the last one as well.
    for (const id of waiting) await eventually(async () => (await engine.nodes(id))['pause']!.status === 'WAITING');
    const short = await user.start(pause(1));
    expect((await engine.finished(short)).status).toBe('COMPLETED');
    for (const id of waiting) await engine.starter.cancel(id);
  });

  test('that a crash left undone are made good by the sweeper', async () => {
    const user = await addUser(engine, 'unlucky');
    const long = longWork;
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

describeOnBothQueues('attack 23: two users, of whom one has thousands of runs in the queue', (kind) => {
  const active = 5;
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await createTestEngine(kind, { maxActiveRunsPerUser: active });
    await engine.startWorker();
  });
  afterAll(() => engine.stop());

  test('the other one never waits behind more of them than may be under way', async () => {
    const small = await addUser(engine, 'small');
    const large = await addUser(engine, 'large');
    // A run as a model node makes it: it waits for the outside world.
    const long = pause(1_000);
    for (let batch = 0; batch < 20; batch += 1) await Promise.all(Array.from({ length: 100 }, () => large.start(long)));
    const short = pause(1);
    const ids: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      const id = await small.start(short);
      expect((await engine.finished(id)).status).toBe('COMPLETED');
      ids.push(id);
    }
    // How many of the large one's nodes were taken from the queue between the start of a run and its own node.
    const { rows } = await engine.pool.query<{ overtaken: number; waiting: number }>(
      `select max((select count(*) from workflow_runs other join node_executions on run_id = other.id
                    where other.user_id = 'large' and node_executions.started_at between r.created_at and n.started_at))::integer
                as overtaken,
              (select count(*) from workflow_runs where user_id = 'large' and admitted_at is null)::integer as waiting
         from workflow_runs r join node_executions n on n.run_id = r.id where r.id = any ($1::uuid[])`,
      [ids],
    );
    expect(rows[0]!.waiting).toBeGreaterThan(1_000);
    // A run of the large one may be given its turn while one of the small one begins; two rounds of them may not.
    expect(rows[0]!.overtaken).toBeLessThanOrEqual(active);
  });
});
