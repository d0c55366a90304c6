import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createWaitEnds } from '../../engine/waits/wait-ends.ts';
import { markRestingRuns } from '../../engine/duties/sweep/mark-resting-runs.ts';
import { doDuty, sweepContextOf } from '../../testing/duties.ts';
import { createTestEngine, recordingLogger, type TestEngine } from '../../testing/engine.ts';
import { graphOf } from '../../testing/graphs.ts';
import { createRunPlayer, type RunPlayer } from '../../testing/play-run.ts';
import { suspendNodeExecutions } from '../nodes/suspend.ts';
import { beginRuns } from './begin.ts';
import { listRunsPastDeadline } from './list-overdue.ts';
import { restRuns, wakeRuns } from './rest.ts';
import { advanceNodeExecutions } from '../nodes/advance.ts';

let engine: TestEngine;
let player: RunPlayer;
beforeAll(async () => {
  engine = await createTestEngine('postgres');
  player = await createRunPlayer(engine.pool);
});
afterAll(() => engine.stop());

const question = { message: '?', fields: [], buttons: [], choice: null };
const restsSince = async (runId: string) =>
  (await engine.pool.query(`select rests_since from workflow_runs where id = $1`, [runId])).rows[0].rests_since;

/** A run whose one node waits for its only part, in which a node asks; `part` is that part. */
async function runWithAskingPart() {
  const runId = await engine.start(graphOf(['driver', 'after'], ['driver>after']));
  const { ready } = await beginRuns(engine.pool, [runId]);
  await advanceNodeExecutions(engine.pool, player.workerId, { completions: [], claims: ready });
  const [driver] = ready;
  const part = randomUUID();
  await engine.pool.query(
    `insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at,
                                admitted_at, parent_run_id, parent_execution_id, part_index, part_key, part_settled)
     select $2, workflow_id, workflow_version_id, user_id, 'RUNNING', 1, 'infinity', now(), id, $3, 0, 'key', false
       from workflow_runs where id = $1`,
    [runId, part, driver!.id],
  );
  await engine.pool.query(
    `insert into node_executions (run_id, node_id, node_type, pool, status, pending_dependencies, dependencies, dependents,
                                  fingerprint, timeout_ms, queued_at)
     values ($1, 'ask', 'approve', 'inline', 'QUEUED', 0, '{}', '{}', repeat('0', 64), 1000, now())`,
    [part],
  );
  await suspendNodeExecutions(engine.pool, [{ id: driver!.id, runId, attempt: 1, inputs: {}, wait: null }]);
  return { runId, part };
}

test('a run rests while its parts do, and no longer: the time is given back to its limit', async () => {
  const { runId, part } = await runWithAskingPart();
  // Its part has not asked yet.
  expect(await restRuns(engine.pool, [runId])).toEqual([]);
  await player.ask(part, question);
  expect(await restRuns(engine.pool, [part])).toEqual([runId]);
  expect(await wakeRuns(engine.pool, [part])).toEqual([]);
  await engine.pool.query(
    `update workflow_runs set rests_since = rests_since - interval '2 hours', deadline_at = deadline_at - interval '2 hours'
      where id = $1`,
    [runId],
  );
  expect(await listRunsPastDeadline(engine.pool, 10)).toEqual([]);
  const ask = (await engine.nodes(part))['ask']!;
  await createWaitEnds({ ...engine, logger: recordingLogger() }).resume([
    { id: ask.id, runId: part, attempt: 1, end: null },
  ]);
  expect(await restsSince(runId)).toBeNull();
  expect(await listRunsPastDeadline(engine.pool, 10)).toEqual([]);
});

test('the sweeper marks what nobody marked, and takes off what nobody took off', async () => {
  const { runId, part } = await runWithAskingPart();
  await player.ask(part, question);
  const context = sweepContextOf(engine);
  expect(await doDuty(markRestingRuns, context)).toEqual(['admit-runs']);
  expect(await restsSince(runId)).not.toBeNull();
  // Somebody made the part ready, and died before the mark was off.
  await engine.pool.query(`update node_executions set status = 'QUEUED', attempt = 2 where run_id = $1`, [part]);
  await engine.pool.query(
    `update waits set resolved_at = now(), resolution = '{"outcome": "answered"}' where run_id = $1`,
    [part],
  );
  await doDuty(markRestingRuns, context);
  expect(await restsSince(runId)).toBeNull();
});

test('a run with something under way beside what waits does not rest', async () => {
  const runId = await engine.start(graphOf(['asks', 'works']));
  const { ready } = await beginRuns(engine.pool, [runId]);
  await player.ask(runId, question);
  expect(ready).toHaveLength(2);
  expect(await restRuns(engine.pool, [runId])).toEqual([]);
});
