import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deleteOldRunsOfWorkflow, type RunRetention } from '../../../db/runs/delete-old.ts';
import { cleanContextOf, doDuty } from '../../../testing/duties.ts';
import { createTestEngine, type TestEngine } from '../../../testing/engine.ts';
import { chainOf } from '../../../testing/graphs.ts';
import { createRunPlayer, type RunPlayer } from '../../../testing/play-run.ts';
import { deleteOldRuns } from './delete-old-runs.ts';

describe('finished runs', () => {
  let engine: TestEngine;
  let player: RunPlayer;
  beforeEach(async () => {
    engine = await createTestEngine('postgres');
    player = await createRunPlayer(engine.pool);
  });
  afterEach(() => engine.stop());

  const deleteOld = (retention: RunRetention) => doDuty(deleteOldRuns, cleanContextOf(engine, retention));

  /** A workflow with a finished run of each age in days, and one that is under way and as old as the oldest. */
  async function workflowWithRuns(ages: readonly number[]): Promise<{ id: number; unfinished: string }> {
    const workflow = await engine.createWorkflow(chainOf(2));
    const start = async (days: number) => {
      const runId = await engine.start(workflow.data, { workflow });
      await engine.pool.query(
        `update workflow_runs set created_at = created_at - make_interval(days => $2) where id = $1`,
        [runId, days],
      );
      return runId;
    };
    for (const days of ages) await player.fail(await start(days), 'over');
    return { id: workflow.id, unfinished: await start(Math.max(...ages)) };
  }

  async function agesOf(workflowId: number): Promise<number[]> {
    const { rows } = await engine.pool.query<{ days: number }>(
      `select round(extract(epoch from now() - created_at) / 86400)::integer as days
         from workflow_runs where workflow_id = $1 and finished_at is not null order by 1`,
      [workflowId],
    );
    return rows.map(({ days }) => days);
  }

  test('go past their days, with their nodes and events; those under way and younger ones stay', async () => {
    const { id, unfinished } = await workflowWithRuns([1, 29, 31, 90]);
    await deleteOld({ days: 30, perWorkflow: null });
    expect(await agesOf(id)).toEqual([1, 29]);
    expect(await engine.run(unfinished)).toMatchObject({ status: 'PENDING' });
    const { rows } = await engine.pool.query(
      `select 'node' from node_executions n where not exists (select from workflow_runs r where r.id = n.run_id)
       union all select 'event' from run_events e where not exists (select from workflow_runs r where r.id = e.run_id)`,
    );
    expect(rows).toEqual([]);
  });

  test('go beyond their number: of each workflow the newest stay', async () => {
    const first = await workflowWithRuns([1, 2, 3, 4]);
    const second = await workflowWithRuns([5, 6, 7]);
    await deleteOld({ days: null, perWorkflow: 2 });
    expect(await agesOf(first.id)).toEqual([1, 2]);
    expect(await agesOf(second.id)).toEqual([5, 6]);
    expect(await engine.run(first.unfinished)).toMatchObject({ status: 'PENDING' });
  });

  test('stay, however old, where there is no limit', async () => {
    const { id } = await workflowWithRuns([1, 4_000]);
    await deleteOld({ days: null, perWorkflow: null });
    expect(await agesOf(id)).toEqual([1, 4_000]);
  });

  test('go in steps where they are many', async () => {
    const { id } = await workflowWithRuns([100]);
    await engine.pool.query(
      `insert into workflow_runs (workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at,
                                  created_at, finished_at)
       select workflow_id, workflow_version_id, user_id, 'CANCELLED', 0, now(), now() - interval '50 days', now()
         from workflow_runs, generate_series(1, 250) where workflow_id = $1 and finished_at is not null`,
      [id],
    );
    expect(await agesOf(id)).toHaveLength(251);
    const context = cleanContextOf(engine, { days: 30, perWorkflow: null });
    await doDuty(deleteOldRuns, context);
    expect(await agesOf(id)).toEqual([]);
    expect(context.lines).toMatchObject([{ level: 'info', fields: { runs: 251 } }]);
  });

  test('with many parts lose these in steps, and go with the last of them', async () => {
    const { id } = await workflowWithRuns([100]);
    await engine.pool.query(
      `insert into workflow_runs (workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at, finished_at,
                                  parent_run_id, parent_execution_id, part_index, part_key, part_settled)
       select r.workflow_id, r.workflow_version_id, r.user_id, 'COMPLETED', 0, 'infinity', now(), r.id, n.id, index, 'key', true
         from workflow_runs r, lateral (select id from node_executions where run_id = r.id limit 1) n, generate_series(1, 450) as index
        where r.workflow_id = $1 and r.finished_at is not null`,
      [id],
    );
    const retention = { days: 30, perWorkflow: null };
    const steps = [];
    for (const _step of [1, 2, 3, 4]) steps.push(await deleteOldRunsOfWorkflow(engine.pool, id, retention, 100));
    expect(steps).toEqual([200, 200, 51, 0]);
    expect(await agesOf(id)).toEqual([]);
  });

  test('stay where the program stops', async () => {
    const { id } = await workflowWithRuns([100]);
    const context = cleanContextOf(engine, { days: 30, perWorkflow: null });
    await expect(doDuty(deleteOldRuns, context, AbortSignal.abort())).rejects.toThrow('aborted');
    expect(await agesOf(id)).toEqual([100]);
  });
});
