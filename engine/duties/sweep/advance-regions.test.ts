import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cancelledMark } from '../../../core/run/region.ts';
import { retryParts } from '../../../db/regions/retry-parts.ts';
import { doDuty, sweepContextOf } from '../../../testing/duties.ts';
import { each, eachExecutors, items, listNodes } from '../../../testing/each-nodes.ts';
import { createTestEngine, describeOnBothQueues, quickSweeper, type TestEngine } from '../../../testing/engine.ts';
import { eventually } from '../../../testing/eventually.ts';
import { edgeOf } from '../../../testing/graphs.ts';
import { advanceStaleRegions } from './advance-regions.ts';
import { endOrphanedParts } from './end-orphaned-parts.ts';

describeOnBothQueues('a region that nobody has followed up', (kind) => {
  let engine: TestEngine;
  let runId: string;
  const nodes = eachExecutors({
    hold: (_input, { signal }) =>
      new Promise((_done, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });
  beforeEach(async () => {
    const before = nodes.calls('hold').length;
    engine = await createTestEngine(kind, { definitions: listNodes, executors: nodes.executors });
    // No sweep of its own comes between.
    await engine.startWorker({ sweeper: { ...quickSweeper, intervalMs: 3_600_000 } });
    runId = await engine.start({
      nodes: [items('list', ['a', 'b', 'c', 'd', 'e']), each('do', 'hold', { each: { concurrency: 2 } })],
      edges: [edgeOf('list', 'do')],
    });
    await eventually(async () => (await parts()).length === 2 && nodes.calls('hold').length === before + 2);
  });
  afterEach(() => engine.stop());

  async function parts(): Promise<{ id: string; status: string }[]> {
    const { rows } = await engine.pool.query<{ id: string; status: string }>(
      'select id, status from workflow_runs where parent_run_id = $1 order by part_index',
      [runId],
    );
    return rows;
  }
  async function region(): Promise<Record<string, unknown>> {
    const { rows } = await engine.pool.query('select * from run_regions where run_id = $1', [runId]);
    return rows[0] as Record<string, unknown>;
  }
  /** As if its worker had died right after it was recorded. */
  const endUnheard = (id: string) =>
    engine.pool.query(
      `with n as (update node_executions set status = 'COMPLETED', output_data = '{"output": "x"}' where run_id = $1)
       update workflow_runs set status = 'COMPLETED', unfinished_nodes = 0, finished_at = now() - interval '1 minute' where id = $1`,
      [id],
    );

  test('counts what has ended, and a worker makes the parts that there is room for', async () => {
    const [first] = await parts();
    await endUnheard(first!.id);
    await doDuty(advanceStaleRegions, sweepContextOf(engine));
    expect(await region()).toMatchObject({ completed: 1 });
    await eventually(async () => (await parts()).length === 3);
    // Its first node was woken for that, and waits again.
    await eventually(async () => (await engine.nodes(runId))['do']!.status === 'WAITING');
    // Once more changes nothing.
    await doDuty(advanceStaleRegions, sweepContextOf(engine));
    expect(await region()).toMatchObject({ completed: 1, unfinished: 2, next_index: 3, is_closed: false });
    expect(await engine.nodes(runId)).toMatchObject({ do: { status: 'WAITING' } });
  });

  test('gives an element its part back that was asked for while the statement waited which ends the region', async () => {
    const [first, second] = await parts();
    for (const { id } of [first!, second!]) {
      await engine.pool.query(
        `with n as (update node_executions set status = 'FAILED', error_code = 'INTERNAL', finished_at = now() where run_id = $1)
         update workflow_runs set status = 'FAILED', unfinished_nodes = 0, failed_nodes = 1, finished_at = now() - interval '1 minute' where id = $1`,
        [id],
      );
      if (id === first!.id) await doDuty(advanceStaleRegions, sweepContextOf(engine));
    }
    expect(await region()).toMatchObject({ failed: 1, unfinished: 1 });
    const { node_execution_id: executionId } = await region();
    const somebody = await engine.pool.connect();
    await somebody.query('begin');
    const asked = await retryParts(somebody, { executionId: String(executionId), runId, at: null });
    expect(asked.parts).toMatchObject({ failed: 0, queued: 4 });
    const { rows } = await somebody.query<{ pid: number }>('select pg_backend_pid() as pid');
    const counting = doDuty(advanceStaleRegions, sweepContextOf(engine));
    await eventually(async () => {
      const waiting = await engine.pool.query(
        'select pid from pg_stat_activity where $1 = any (pg_blocking_pids(pid)) and datname = current_database()',
        [rows[0]!.pid],
      );
      expect(waiting.rows).toHaveLength(1);
    });
    await somebody.query('commit');
    somebody.release();
    await counting;
    expect(await region()).toMatchObject({ failed: 2, unfinished: 0, again: 0, is_closed: true });
    const places = await engine.pool.query('select part_index from workflow_runs where parent_run_id = $1', [runId]);
    expect(places.rows.map((row: { part_index: number }) => row.part_index).toSorted()).toEqual([0, 1]);
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
  });

  test('is closed with its first node, and no further part is made, though its run goes on', async () => {
    const { rowCount } = await engine.pool.query(
      `update node_executions set status = 'FAILED', finished_at = now() where run_id = $1 and node_id = 'do'`,
      [runId],
    );
    expect(rowCount).toBe(1);
    const [first] = await parts();
    await endUnheard(first!.id);
    await doDuty(advanceStaleRegions, sweepContextOf(engine));
    expect(await region()).toMatchObject({ completed: 1, unfinished: 1, next_index: 2, is_closed: true });
    expect(await parts()).toHaveLength(2);
  });

  test('is closed with its run, whose parts are ended', async () => {
    await engine.pool.query(
      `with n as (update node_executions set status = 'CANCELLED' where run_id = $1 and status in ('WAITING', 'PENDING'))
       update workflow_runs set status = 'CANCELLED', unfinished_nodes = 0, finished_at = now() where id = $1`,
      [runId],
    );
    await doDuty(endOrphanedParts, sweepContextOf(engine));
    const ended = await parts();
    expect(ended.map(({ status }) => status)).toEqual(['CANCELLED', 'CANCELLED']);
    await eventually(() => {
      for (const { id } of ended) expect(engine.heard).toContainEqual({ kind: 'stop', runId: id });
    });
    await engine.pool.query(`update run_regions set changed_at = now() - interval '1 minute' where run_id = $1`, [
      runId,
    ]);
    await doDuty(advanceStaleRegions, sweepContextOf(engine));
    expect(await region()).toMatchObject({ is_closed: true });
  });

  test('is ended where it was cancelled and nobody came to its parts', async () => {
    const [first] = await parts();
    const { rowCount } = await engine.pool.query('update run_regions set most_failed = $2 where run_id = $1', [
      runId,
      cancelledMark,
    ]);
    expect(rowCount).toBe(1);
    await doDuty(endOrphanedParts, sweepContextOf(engine));
    expect((await parts()).map(({ status }) => status)).toEqual(['CANCELLED', 'CANCELLED']);
    await eventually(() => expect(engine.heard).toContainEqual({ kind: 'stop', runId: first!.id }));
    await doDuty(advanceStaleRegions, sweepContextOf(engine, { times: { overdueMs: 0 } }));
    expect(await engine.finished(runId)).toMatchObject({ status: 'FAILED' });
    expect(await engine.nodes(runId)).toMatchObject({ do: { status: 'FAILED', error_code: 'LIST_CANCELLED' } });
  });
});
