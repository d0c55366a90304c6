import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeEventPeriods } from '../../../db/run-events/make-periods.ts';
import { firstIdAt, listEventPartitions, momentOf } from '../../../db/run-events/partitions.ts';
import { cleanContextOf, doDuty } from '../../../testing/duties.ts';
import { createTestEngine, type TestEngine } from '../../../testing/engine.ts';
import { chainOf } from '../../../testing/graphs.ts';
import { deleteOldRuns } from './delete-old-runs.ts';
import { keepEventPeriods } from './keep-event-periods.ts';

const dayMs = 86_400_000;
/** Of 30 days; a period of theirs is three days. */
const retention = { days: 30, perWorkflow: null };

let engine: TestEngine;
let workflowId: number;
/** By the clock of the database. */
let now: number;
beforeEach(async () => {
  engine = await createTestEngine('postgres');
  workflowId = (await engine.createWorkflow(chainOf(1))).id;
  const { rows } = await engine.pool.query<{ at: string }>('select extract(epoch from now()) * 1000 as at');
  now = Math.floor(Number(rows[0]!.at));
});
afterEach(() => engine.stop());

const names = async () => (await listEventPartitions(engine.pool)).map(({ name }) => name);

/** As so many days of use leave them: periods of three days, the first one with all before it, to the one after this. */
async function makePastPeriods(ofDays = 90): Promise<void> {
  for (let days = ofDays; days >= 0; days -= 3) await makeEventPeriods(engine.pool, retention.days, now - days * dayMs);
}

/** A run that is so old, with two events. */
async function addRun(daysAgo: number, { isFinished = true } = {}): Promise<string> {
  const at = now - daysAgo * dayMs;
  const id = `${firstIdAt(at).slice(0, 14)}7${randomBytes(2).toString('hex').slice(0, 3)}-8000-${randomBytes(6).toString('hex')}`;
  await engine.pool.query(
    `with run as (
       insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at,
                                  created_at, finished_at)
       select $1, w.id, gen_random_uuid(), w.user_id, case when $4 then 'COMPLETED' else 'RUNNING' end, case when $4 then 0 else 1 end,
              'infinity', to_timestamp($3::double precision / 1000), case when $4 then now() end from workflows w where w.id = $2
       returning id)
     insert into run_events (run_id, seq, type, payload) select id, n, 'run.updated', '{}' from run, generate_series(1, 2) n`,
    [id, workflowId, at, isFinished],
  );
  return id;
}

/** Events of a run by the table that holds them. */
async function eventsOf(id: string): Promise<Record<string, number>> {
  const { rows } = await engine.pool.query<{ name: string; count: number }>(
    `select tableoid::regclass::text as name, count(*)::integer as count from run_events where run_id = $1 group by 1`,
    [id],
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

/** The period in which a run that is so old lies. */
async function periodOf(daysAgo: number): Promise<string> {
  const id = firstIdAt(now - daysAgo * dayMs);
  return (await listEventPartitions(engine.pool)).find(({ from, to }) => from <= id && id < to)!.name;
}

describe('the periods of events', () => {
  test('are there for this moment and for the time after it, and stay as they are while time stands still', async () => {
    await doDuty(keepEventPeriods, cleanContextOf(engine, retention));
    const partitions = await listEventPartitions(engine.pool);
    const [early, current, next, late] = partitions;
    expect(partitions).toHaveLength(4);
    expect([early!.name, late!.name]).toEqual(['run_events_early', 'run_events_late']);
    expect(momentOf(current!.to)).toBeGreaterThan(now);
    expect(momentOf(next!.to) - momentOf(next!.from)).toBe(3 * dayMs);
    partitions.slice(1).forEach(({ from }, index) => expect(from).toBe(partitions[index]!.to));

    const runId = await engine.start(chainOf(1));
    expect(Object.keys(await eventsOf(runId))).toEqual([current!.name]);
    const context = cleanContextOf(engine, retention);
    await doDuty(keepEventPeriods, context);
    expect(await listEventPartitions(engine.pool)).toEqual(partitions);
    expect(context.lines).toEqual([]);
  });

  test('hold a month where runs are kept for ever, and a day where they are kept for days', async () => {
    await makeEventPeriods(engine.pool, null, now);
    const [, , months] = await listEventPartitions(engine.pool);
    expect(momentOf(months!.to) - momentOf(months!.from)).toBe(30 * dayMs);
    await makeEventPeriods(engine.pool, 3, now + 90 * dayMs);
    const days = (await listEventPartitions(engine.pool)).at(-2)!;
    expect(momentOf(days.to) - momentOf(days.from)).toBe(dayMs);
  });

  test('are dropped with the events of their runs once these are past their time', async () => {
    await makePastPeriods(33);
    const [old, older, young] = [await addRun(50), await addRun(80), await addRun(5)];
    const [oldPeriod, youngPeriod] = [await periodOf(50), await periodOf(5)];
    const context = cleanContextOf(engine, retention);
    await doDuty(deleteOldRuns, context);
    // Deleting the runs did not go through their events.
    expect(await eventsOf(old)).toEqual({ [oldPeriod]: 2 });
    await doDuty(keepEventPeriods, context);
    expect([await eventsOf(old), await eventsOf(older)]).toEqual([{}, {}]);
    expect(await eventsOf(young)).toEqual({ [youngPeriod]: 2 });
    const there = await names();
    expect(there).not.toContain(oldPeriod);
    expect(there).toContain(youngPeriod);
    // From the first moment to the last, each id has its place.
    const partitions = await listEventPartitions(engine.pool);
    partitions.slice(1).forEach(({ from }, index) => expect(from).toBe(partitions[index]!.to));
  });

  test('leave the events of runs that are still there, which go on and are deleted with them later', async () => {
    await makePastPeriods(33);
    const [waiting, gone] = [await addRun(60, { isFinished: false }), await addRun(60)];
    const context = cleanContextOf(engine, retention);
    await doDuty(deleteOldRuns, context);
    await doDuty(keepEventPeriods, context);
    expect(await eventsOf(waiting)).toEqual({ run_events_early: 2 });
    expect(await eventsOf(gone)).toEqual({});
    await engine.pool.query(`insert into run_events (run_id, seq, type, payload) values ($1, 3, 'run.updated', '{}')`, [
      waiting,
    ]);
    await engine.pool.query(
      `update workflow_runs set status = 'COMPLETED', unfinished_nodes = 0, finished_at = now() where id = $1`,
      [waiting],
    );
    await doDuty(deleteOldRuns, context);
    expect(await eventsOf(waiting)).toEqual({});
  });

  test('that many runs hold for longer than their time leave no events of others behind', async () => {
    await makePastPeriods();
    const gone = await addRun(60);
    const heldAt = now - 85 * dayMs;
    await engine.pool.query(
      `insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at, created_at)
       select overlay(gen_random_uuid()::text placing $2 from 1 for 13)::uuid, w.id, gen_random_uuid(), w.user_id, 'RUNNING', 1,
              'infinity', to_timestamp($3::double precision / 1000) from workflows w, generate_series(1, 201) where w.id = $1`,
      [workflowId, firstIdAt(heldAt).slice(0, 13), heldAt],
    );
    const context = cleanContextOf(engine, retention);
    // Left behind by a run that was deleted while its period was about to end.
    const left = await addRun(85);
    await engine.pool.query(
      `with told as (select set_config('heddle.events_left', $2, true) as ids)
       delete from workflow_runs where id = $1 and (select ids from told) is not null`,
      [left, `${firstIdAt(0)} ${firstIdAt(now)}`],
    );
    expect(Object.values(await eventsOf(left))).toEqual([2]);
    await doDuty(keepEventPeriods, context);
    expect(await names()).toContain(await periodOf(85));
    expect(await eventsOf(left)).toEqual({});
    await doDuty(deleteOldRuns, context);
    expect(await eventsOf(gone)).toEqual({});
  });

  test('of runs that somebody deletes are emptied at once, and events of no period as well', async () => {
    await makePastPeriods();
    const [past, young, apart] = [await addRun(60), await addRun(1), await addRun(25 * 365)];
    expect(Object.keys(await eventsOf(apart))).toEqual(['run_events_apart']);
    await engine.pool.query('delete from workflow_runs where id = any ($1)', [[past, young]]);
    expect([await eventsOf(past), await eventsOf(young)]).toEqual([{}, {}]);
    await doDuty(deleteOldRuns, cleanContextOf(engine, retention));
    expect(await eventsOf(apart)).toEqual({});
  });

  test('stay where runs are kept for ever, but for those that are empty', async () => {
    await makePastPeriods();
    const run = await addRun(60);
    const period = await periodOf(60);
    await doDuty(keepEventPeriods, cleanContextOf(engine));
    const there = await names();
    expect(there[1]).toBe(period);
    expect(await eventsOf(run)).toEqual({ [period]: 2 });
  });

  test('are looked after another time while somebody reads the tables', async () => {
    const reader = await engine.pool.connect();
    try {
      await reader.query('begin');
      await reader.query('select from run_events limit 1');
      const context = cleanContextOf(engine, retention);
      await doDuty(keepEventPeriods, context);
      expect(context.lines).toMatchObject([{ level: 'info', message: expect.stringContaining('being read') }]);
      expect(await names()).toEqual(['run_events_early', 'run_events_late']);
      await reader.query('rollback');
      await doDuty(keepEventPeriods, context);
      expect(await names()).toHaveLength(4);
    } finally {
      reader.release();
    }
  });
});
