import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { advanceNodeExecutions } from '../../../db/nodes/advance.ts';
import { suspendNodeExecutions, type NewWait } from '../../../db/nodes/suspend.ts';
import { beginRuns } from '../../../db/runs/begin.ts';
import { doDuty, sweepContextOf, takeNodeJobs } from '../../../testing/duties.ts';
import { createTestEngine, type TestEngine } from '../../../testing/engine.ts';
import { eventually } from '../../../testing/eventually.ts';
import { graphOf } from '../../../testing/graphs.ts';
import { createRunPlayer } from '../../../testing/play-run.ts';
import { endDueWaits } from './end-due-waits.ts';

describe('waits whose time is over', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await createTestEngine('postgres');
  });
  afterEach(() => engine.stop());

  /** Begins a run and lets its first node wait. */
  async function waitFor(wait: Partial<NewWait>): Promise<string> {
    const { workerId } = await createRunPlayer(engine.pool);
    const runId = await engine.start(graphOf(['a', 'b'], ['a>b']));
    await engine.queue.addRuns([runId]);
    const { ready } = await beginRuns(engine.pool, [runId]);
    await advanceNodeExecutions(engine.pool, workerId, { completions: [], claims: ready });
    await suspendNodeExecutions(
      engine.pool,
      ready.map(({ id, attempt }) => ({
        id,
        runId,
        attempt,
        inputs: {},
        wait: { kind: 'timer', dueInMs: -1_000, payload: {}, dueOutputs: { output: 'over' }, ...wait },
      })),
    );
    return runId;
  }

  test('end with the outputs that are stored for that, and what comes after has a job', async () => {
    const runId = await waitFor({});
    await doDuty(endDueWaits, sweepContextOf(engine));
    const { a, b } = await engine.nodes(runId);
    expect(a).toMatchObject({ status: 'COMPLETED', output_data: { output: 'over' } });
    expect(await takeNodeJobs(engine, 1)).toEqual([{ id: b!.id, runId, attempt: 1 }]);
  });

  test('fail where nothing is stored for that, and say what to do', async () => {
    const runId = await waitFor({ kind: 'person', dueOutputs: null });
    await doDuty(endDueWaits, sweepContextOf(engine));
    expect(await engine.nodes(runId)).toMatchObject({
      a: { status: 'FAILED', error_code: 'WAIT_EXPIRED', error: expect.stringContaining('Node "a" waited') },
      b: { status: 'SKIPPED' },
    });
    expect(await engine.run(runId)).toMatchObject({ status: 'FAILED' });
  });

  test('are ended however many they are; the others go on', async () => {
    const [runId, later, never] = [
      await waitFor({}),
      await waitFor({ dueInMs: 3_600_000 }),
      await waitFor({ dueInMs: null }),
    ];
    // More than go into one statement, as copies of the first.
    const copies = Array.from({ length: 450 }, () => randomUUID());
    await engine.pool.query(
      `with ids as (select unnest($2::uuid[]) as id),
       nodes as (
         insert into node_executions (id, run_id, node_id, node_type, pool, status, pending_dependencies, dependencies,
                                      dependents, fingerprint, timeout_ms, started_at)
         select i.id, n.run_id, i.id::text, n.node_type, n.pool, 'WAITING', 0, '{}', '{}', n.fingerprint, 1000, now()
           from ids i, node_executions n where n.run_id = $1 and n.node_id = 'a'),
       counted as (update workflow_runs set unfinished_nodes = unfinished_nodes + 450 where id = $1)
       insert into waits (run_id, user_id, node_execution_id, attempt, kind, payload, due_at, due_outputs)
       select $1, 'user-1', i.id, 1, 'timer', '{}', now() - interval '1 day', '{"output": 1}' from ids i`,
      [runId, copies],
    );
    await doDuty(endDueWaits, sweepContextOf(engine));
    expect(await engine.run(runId)).toMatchObject({ unfinished_nodes: 1 });
    const nodes = await engine.nodes(runId);
    expect(new Set(copies.map((id) => nodes[id]!.status))).toEqual(new Set(['COMPLETED']));
    for (const other of [later, never]) expect(await engine.nodes(other)).toMatchObject({ a: { status: 'WAITING' } });
  });

  test('end at their moment where that is before the next sweep', async () => {
    const runId = await waitFor({ dueInMs: 60 });
    await doDuty(endDueWaits, sweepContextOf(engine, { times: { intervalMs: 60_000 } }));
    await eventually(async () => (await engine.nodes(runId))['a']!.status === 'COMPLETED');
    const { rows } = await engine.pool.query(`select resolved_at >= due_at as "isOver" from waits where run_id = $1`, [
      runId,
    ]);
    expect(rows).toEqual([{ isOver: true }]);
  });
});
