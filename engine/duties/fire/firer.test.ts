import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { v7 as newId } from 'uuid';
import type { ScheduleSettings } from '../../../core/api/schedules.ts';
import type { Graph } from '../../../core/graph/graph.ts';
import { changeTrigger, type TriggerChange } from '../../../db/triggers/change.ts';
import { doDuty } from '../../../testing/duties.ts';
import { createTestEngine, recordingLogger, type TestEngine } from '../../../testing/engine.ts';
import { chainOf, nodeOf } from '../../../testing/graphs.ts';
import { createRunPlayer, type RunPlayer } from '../../../testing/play-run.ts';
import { collectEnds } from './collect-ends.ts';
import type { FireContext } from './fire-context.ts';
import { settleFires } from './settle-fires.ts';
import { startDueFires } from './start-due-fires.ts';
import { takeDue } from './take-due-triggers.ts';

const start = new Date('2026-11-30T09:00:00.000Z');
const after = (seconds: number) => new Date(start.getTime() + seconds * 1_000);

let engine: TestEngine;
let player: RunPlayer;
let time: Date;
beforeEach(async () => {
  engine = await createTestEngine('postgres');
  player = await createRunPlayer(engine.pool);
  time = start;
});
afterEach(() => engine.stop());

async function makeTrigger(settings: Partial<ScheduleSettings> = {}, graph: Graph = chainOf(1)): Promise<string> {
  const id = newId();
  const workflow = await engine.createWorkflow(graph);
  await engine.pool.query(
    `insert into triggers (id, workflow_id, user_id, kind, settings, next_at)
     values ($1, $2, 'user-1', 'schedule', $3, $4)`,
    [
      id,
      workflow.id,
      JSON.stringify({
        version: 'live',
        cron: 'every 10 seconds',
        timeZone: 'UTC',
        misfire: 'once',
        misfireLimit: 3,
        overlap: 'queue',
        startAt: start.toISOString(),
        ...settings,
      }),
      start,
    ],
  );
  return id;
}

/** A server that fires; they share a database and the clock of the test. */
function server(overrides: Partial<FireContext> = {}) {
  const logger = recordingLogger();
  const context: FireContext = {
    pool: engine.pool,
    starter: engine.starter,
    newId,
    logger,
    now: () => time,
    inputsAfter: async ({ runId, mapping }, { inputs }) => ({ ...inputs, ...mapping, runId }),
    ...overrides,
  };
  return {
    logger,
    round: async () => {
      await doDuty(takeDue, context);
      await doDuty(collectEnds, context);
      await doDuty(settleFires, context);
      await doDuty(startDueFires, context);
    },
  };
}

interface FireRow {
  readonly id: string;
  readonly due_at: Date;
  readonly status: string;
  readonly reason: string | null;
  readonly code: string | null;
  readonly run_id: string | null;
}

async function fires(): Promise<readonly FireRow[]> {
  return (await engine.pool.query<FireRow>('select * from trigger_fires order by due_at, id')).rows;
}

async function shown() {
  return (await fires()).map(({ due_at: dueAt, status }) => `${(dueAt.getTime() - start.getTime()) / 1_000} ${status}`);
}

async function runIds(): Promise<readonly string[]> {
  return (await engine.pool.query<{ id: string }>('select id from workflow_runs order by created_at')).rows.map(
    ({ id }) => id,
  );
}

async function trigger(id: string) {
  return (await engine.pool.query('select * from triggers where id = $1', [id])).rows[0];
}

describe('three servers at once', () => {
  test('start exactly one run for each instant of each schedule, with what it was given', async () => {
    const servers = [server(), server(), server()];
    const triggers = [await makeTrigger(), await makeTrigger({ cron: '* * * * *' }), await makeTrigger()];
    for (let second = 0; second <= 60; second += 5) {
      time = after(second);
      await Promise.all(servers.map(({ round }) => round()));
      for (const runId of await runIds()) await player.finish(runId);
    }
    time = after(61);
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(servers.map(({ round: go }) => go()));
      for (const runId of await runIds()) await player.finish(runId);
    }
    const all = await fires();
    const { rows } = await engine.pool.query(
      `select f.trigger_id, count(*)::integer as fires, count(distinct f.due_at)::integer as instants, count(r.id)::integer as runs
         from trigger_fires f left join workflow_runs r on r.id = f.run_id and r.trigger_type = 'SCHEDULE'
        group by f.trigger_id`,
    );
    const counts = new Map(rows.map(({ trigger_id: id, ...rest }) => [id, rest]));
    expect(triggers.map((id) => counts.get(id))).toEqual([
      { fires: 7, instants: 7, runs: 7 },
      { fires: 2, instants: 2, runs: 2 },
      { fires: 7, instants: 7, runs: 7 },
    ]);
    expect(await runIds()).toHaveLength(all.length);
    expect(servers.flatMap(({ logger }) => logger.lines)).toEqual([]);
  });

  test('one that dies between the start and writing it down leaves one run', async () => {
    const id = await makeTrigger();
    const dying = server({
      starter: {
        ...engine.starter,
        start: async (request) => {
          await engine.starter.start(request);
          throw Object.assign(new Error('Connection terminated'), { code: '57P01' });
        },
      },
    });
    await expect(dying.round()).rejects.toThrow('Connection terminated');
    expect(await runIds()).toHaveLength(1);
    // Others leave it alone until its claim is over.
    const other = server();
    await other.round();
    expect(await shown()).toEqual(['0 due']);
    await engine.pool.query('update triggers set next_at = $2 where id = $1', [id, after(3_600)]);
    time = after(31);
    await other.round();
    expect(await shown()).toEqual(['0 started']);
    expect(await runIds()).toEqual((await fires()).map(({ run_id: runId }) => runId));
  });
});

describe('the end of another workflow', () => {
  const taking: Graph = {
    nodes: [
      nodeOf('t', 'text', { text: '', input: { name: 'copy' } }),
      nodeOf('r', 'text', { text: '', input: { name: 'runId' } }),
    ],
    edges: [],
  };

  /** A trigger of a workflow that starts when one of another ends. */
  async function follow(sourceId: number, events: readonly string[] = ['completed'], graph = taking): Promise<number> {
    const { id } = await engine.createWorkflow(graph);
    await engine.pool.query(
      `insert into triggers (id, workflow_id, user_id, kind, settings, source_workflow_id) values ($1, $2, 'user-1', 'workflow', $3, $4)`,
      [newId(), id, JSON.stringify({ version: 'live', events, mapping: { copy: 'outputs.copy' } }), sourceId],
    );
    return id;
  }
  const runOf = async (id: number) =>
    (await engine.starter.start({ userId: 'user-1', triggerType: 'API', workflow: { id } })).id;
  const runsOf = async (id: number) =>
    (await engine.pool.query<{ id: string }>('select id from workflow_runs where workflow_id = $1', [id])).rows;
  beforeEach(() => {
    time = new Date(Date.now() + 60_000);
  });

  test('starts one run for each end that counts, with what the mapping finds, whatever the number of servers', async () => {
    const source = await engine.createWorkflow(chainOf(1));
    const after = await follow(source.id);
    const onFailure = await follow(source.id, ['failed', 'cancelled']);
    const [done, broken] = [await runOf(source.id), await runOf(source.id)];
    await runOf(source.id);
    await player.finish(done);
    await player.fail(broken, 'no luck');
    const servers = [server(), server(), server()];
    for (let round = 0; round < 2; round += 1) await Promise.all(servers.map(({ round: go }) => go()));
    expect([(await runsOf(after)).length, (await runsOf(onFailure)).length]).toEqual([1, 1]);
    const { rows } = await engine.pool.query(
      `select r.trigger_type, v.data #>> '{nodes,0,data,text}' as copy, v.data #>> '{nodes,1,data,text}' as source
         from workflow_runs r join workflow_versions v on v.id = r.workflow_version_id where r.workflow_id = $1`,
      [after],
    );
    expect(rows).toEqual([{ trigger_type: 'WORKFLOW', copy: 'outputs.copy', source: done }]);
    expect(servers.flatMap(({ logger }) => logger.lines)).toEqual([]);
  });

  test('before there was a trigger starts nothing', async () => {
    const source = await engine.createWorkflow(chainOf(1));
    await player.finish(await runOf(source.id));
    const after = await follow(source.id);
    await server().round();
    expect(await runsOf(after)).toEqual([]);
  });

  test('while the trigger was off starts nothing, however soon it is turned on again', async () => {
    const source = await engine.createWorkflow(chainOf(1));
    const after = await follow(source.id);
    await engine.pool.query(`update triggers set enabled = false, created_at = created_at - interval '1 hour'`);
    await player.finish(await runOf(source.id));
    const { rows } = await engine.pool.query<TriggerChange & { id: string }>(
      'select id, name, settings, inputs, updated_at as "updatedAt" from triggers',
    );
    const on = { ...rows[0]!, enabled: true, nextAt: null };
    expect(await changeTrigger(engine.pool, { workspaceId: 'user-1' }, rows[0]!.id, on)).not.toBeNull();
    await server().round();
    expect(await runsOf(after)).toEqual([]);
    await player.finish(await runOf(source.id));
    await server().round();
    expect(await runsOf(after)).toHaveLength(1);
  });

  test('in a circle is broken after ten, with the reason', async () => {
    const one = await follow((await engine.createWorkflow(chainOf(1))).id);
    const two = await follow(one);
    await engine.pool.query('update triggers set source_workflow_id = $2 where workflow_id = $1', [one, two]);
    let runId = await runOf(one);
    const seen = new Set<string>();
    for (let round = 0; round < 13; round += 1) {
      seen.add(runId);
      await player.finish(runId);
      await server().round();
      const next = [...(await runsOf(one)), ...(await runsOf(two))].find(({ id }) => !seen.has(id));
      if (next === undefined) break;
      runId = next.id;
    }
    // The first one was started by hand.
    expect(seen.size).toBe(11);
    expect((await fires()).filter(({ status }) => status === 'refused')).toMatchObject([{ code: 'TRIGGER_LOOP' }]);
  });
});

describe('after an outage', () => {
  test.each([
    ['once', ['110 missed', '120 started']],
    ['skip', ['120 missed']],
    ['all', ['90 missed', '100 started', '110 started', '120 started']],
  ] as const)('%s: what is made up for', async (misfire, expected) => {
    await makeTrigger({ misfire });
    time = after(125);
    const servers = [server(), server(), server()];
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(servers.map(({ round: go }) => go()));
      for (const runId of await runIds()) await player.finish(runId);
      time = new Date(time.getTime() + 1_000);
    }
    const settled = (await shown()).map((line) => line.replace('completed', 'started'));
    expect(settled).toEqual(expected);
    const [first] = await fires();
    expect(first!.reason).toMatch(/^No server ran from 2026-11-30T09:00:00.000Z until /);
  });
});

describe('a run before that is not finished', () => {
  test('skip: its time is left out', async () => {
    await makeTrigger({ overlap: 'skip' });
    const { round } = server();
    for (const second of [0, 10, 20]) {
      time = after(second);
      await round();
    }
    expect(await shown()).toEqual(['0 started', '10 skipped', '20 skipped']);
    expect((await fires())[1]!.reason).toBe('The run before was not finished.');
    await player.finish((await runIds())[0]!);
    time = after(30);
    await round();
    expect(await shown()).toEqual(['0 completed', '10 skipped', '20 skipped', '30 started']);
  });

  test('queue: it waits, and all come in their order', async () => {
    await makeTrigger({ overlap: 'queue' });
    const { round } = server();
    for (const second of [0, 10, 20]) {
      time = after(second);
      await round();
    }
    expect(await shown()).toEqual(['0 started', '10 due', '20 due']);
    expect((await fires())[1]!.reason).toBe('It waits for the run before to finish.');
    await player.finish((await runIds())[0]!);
    time = after(22);
    await round();
    expect(await shown()).toEqual(['0 completed', '10 started', '20 due']);
  });

  test('cancel: it is ended, and the new one begins', async () => {
    await makeTrigger({ overlap: 'cancel' });
    const { round } = server();
    await round();
    time = after(10);
    await round();
    await round();
    expect(await shown()).toEqual(['0 cancelled', '10 started']);
    const [old, young] = await fires();
    expect([(await engine.run(old!.run_id!)).status, (await engine.run(young!.run_id!)).status]).toEqual([
      'CANCELLED',
      'PENDING',
    ]);
  });
});

describe('failures', () => {
  test('twenty in a row pause the schedule, which says so; a success before starts the count anew', async () => {
    const id = await makeTrigger();
    const { round, logger } = server();
    for (let count = 0; count < 22; count += 1) {
      time = after(count * 10);
      await round();
      const [runId] = (await runIds()).slice(-1);
      if (count === 1) await player.finish(runId!);
      else await player.fail(runId!, 'no luck');
      await round();
    }
    expect(await trigger(id)).toMatchObject({
      enabled: false,
      next_at: null,
      failures: 20,
      paused_reason: expect.stringMatching(/^Paused after 20 failures in a row\. The last one: .*no luck/),
    });
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { triggerId: id } }]);
    time = after(500);
    await round();
    expect(await runIds()).toHaveLength(22);
  });

  test('a schedule that cannot be read any more is turned off and says why; the others go on', async () => {
    const [odd, good] = [await makeTrigger({ cron: '0 9 * * *', timeZone: 'Mars/Base' }), await makeTrigger()];
    const { round, logger } = server();
    await round();
    await round();
    expect(await trigger(odd)).toMatchObject({ enabled: false, paused_reason: expect.stringContaining('"Mars/Base"') });
    expect(await shown()).toEqual(['0 started']);
    expect(await trigger(good)).toMatchObject({ enabled: true });
    expect(logger.lines).toHaveLength(1);
  });

  test('a workflow that cannot run is a failure with its reason', async () => {
    const id = await makeTrigger({}, { nodes: [], edges: [] });
    await server().round();
    expect(await fires()).toMatchObject([{ status: 'refused', code: 'GRAPH_EMPTY', run_id: null }]);
    expect(await trigger(id)).toMatchObject({ failures: 1, enabled: true });
  });

  test('what is full for the moment is tried again, and given up after an hour', async () => {
    await makeTrigger();
    const { RetryableError } = await import('../../../core/errors/app-error.ts');
    let isFull = true;
    const { round } = server({
      starter: {
        ...engine.starter,
        start: async (request) => {
          if (isFull) throw new RetryableError('RUN_QUEUE_FULL', 'The queue is full.', { retryAfterMs: 4_000 });
          return engine.starter.start(request);
        },
      },
    });
    await round();
    expect(await fires()).toMatchObject([{ status: 'due', code: 'RUN_QUEUE_FULL', reason: 'The queue is full.' }]);
    isFull = false;
    time = after(3);
    await round();
    expect(await shown()).toEqual(['0 due']);
    time = after(5);
    await round();
    expect(await shown()).toEqual(['0 started']);
    isFull = true;
    time = after(10);
    await player.finish((await runIds())[0]!);
    await round();
    await engine.pool.query(`update trigger_fires set created_at = $1 where status = 'due'`, [after(-3_600)]);
    time = after(15);
    await round();
    expect(await shown()).toEqual(['0 completed', '10 refused']);
  });
});
