import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSweeper } from '../../engine/duties/sweep/sweeper.ts';
import { createTestEngine, quickSweeper, recordingLogger, type TestEngine } from '../../testing/engine.ts';
import { chainOf } from '../../testing/graphs.ts';
import { checkInvariants, invariants, type Invariant } from './check.ts';
import { listInvariantChecks } from './list-checks.ts';

const none = Object.fromEntries(invariants.map((name) => [name, 0]));
const all = { leaseMs: 10_000, windowMs: null, limit: 1_000 };

describe('the invariants', () => {
  let engine: TestEngine;
  let runId: string;
  beforeEach(async () => {
    engine = await createTestEngine('postgres');
    const worker = await engine.startWorker();
    runId = await engine.start(chainOf(3));
    await engine.finished(runId);
    await worker.stop();
  });
  afterEach(() => engine.stop());

  /** Changes rows past the triggers, which refuse what can only come of a fault. */
  async function breakRows(statement: string): Promise<void> {
    const connection = await engine.pool.connect();
    try {
      await connection.query(`set session_replication_role = replica`);
      await connection.query(statement);
    } finally {
      connection.release(true);
    }
  }

  const aliveWorker = `insert into workers (id, hostname, pid, version, pools, concurrency, started_at)
    values (gen_random_uuid(), 'here', 1, 'test', '{io}', 8, now() - interval '1 hour')`;
  const unfinish = `update workflow_runs set status = 'RUNNING', finished_at = null, unfinished_nodes = 1,
    progressed_at = now() - interval '5 minutes'`;

  const faults: readonly (readonly [Invariant, readonly string[]])[] = [
    [
      'attempts_without_lease',
      [
        unfinish,
        `update node_executions set status = 'RUNNING', worker_id = gen_random_uuid(),
           started_at = now() - interval '2 minutes' where node_id = 'n2'`,
      ],
    ],
    [
      'ready_nodes_passed_over',
      [
        unfinish,
        aliveWorker,
        `update node_executions set status = 'QUEUED', queued_at = now() - interval '2 minutes' where node_id = 'n2'`,
      ],
    ],
    ['runs_unlike_their_nodes', [`update workflow_runs set status = 'FAILED', unfinished_nodes = 1`]],
    [
      'results_not_committed_once',
      [
        `insert into run_events (run_id, seq, type, node_execution_id, payload)
         select run_id, 1000, type, node_execution_id, payload from run_events
          where payload ->> 'status' = 'COMPLETED' and node_execution_id is not null limit 1`,
      ],
    ],
    [
      'nodes_started_too_early',
      [
        `update run_events e set seq = -1 from node_executions n
          where n.id = e.node_execution_id and n.node_id = 'n2' and e.payload ->> 'status' = 'RUNNING'`,
      ],
    ],
    [
      'edges_unlike_their_sources',
      [
        `update node_executions set edges = '{"rank": 2, "in": [{"id": "e", "from": "n1", "out": "output"}]}'
          where node_id = 'n2'`,
      ],
    ],
    [
      'edges_unlike_their_sources',
      [
        `update node_executions set edges = '{"rank": 2, "in": [{"id": "e", "from": "n1", "out": "output", "state": "dead"}]}'
          where node_id = 'n2'`,
      ],
    ],
    [
      'waits_unlike_their_nodes',
      [
        `insert into waits (run_id, user_id, node_execution_id, attempt, kind, payload)
         select run_id, 'user-1', id, attempt, 'person', '{}' from node_executions where node_id = 'n2'`,
      ],
    ],
    [
      'waits_unlike_their_nodes',
      [
        unfinish,
        `update node_executions set status = 'WAITING' where node_id = 'n2'`,
        `insert into waits (run_id, user_id, node_execution_id, attempt, kind, payload, due_at)
         select run_id, 'user-1', id, attempt, 'timer', '{}', now() - interval '2 minutes' from node_executions
          where node_id = 'n2'`,
      ],
    ],
    [
      'runs_not_begun',
      [
        aliveWorker,
        `update workflow_runs set status = 'PENDING', started_at = null, finished_at = null, unfinished_nodes = 3,
           admitted_at = now() - interval '1 minute'`,
        `update node_executions set status = 'PENDING', output_data = null, started_at = null`,
        `delete from run_events`,
      ],
    ],
  ];

  test('hold for a run that went well', async () => {
    expect(await checkInvariants(engine.pool, all)).toEqual(none);
    // Of a graph without lists, branches and waits nothing is written for them: no row, and no byte beyond the bit of a null.
    const { rows } = await engine.pool.query(
      `select (select count(*)::integer from run_regions) as regions, (select count(*)::integer from waits) as waits,
              num_nonnulls(r.parent_run_id, r.parent_execution_id, r.part_index, r.part_key, r.part_label, r.part_settled,
                           r.region_executions, r.rests_since) as of_run,
              (select sum(num_nonnulls(n.edges, n.region))::integer from node_executions n) as of_nodes,
              (select count(*)::integer from run_events e where e.payload ?| array['parts', 'partId', 'skipReason']
                  and coalesce(e.payload ->> 'parts', e.payload ->> 'partId', e.payload ->> 'skipReason') is not null) as of_events
         from workflow_runs r`,
    );
    expect(rows).toEqual([{ regions: 0, waits: 0, of_run: 0, of_nodes: 0, of_events: 0 }]);
  });

  test.each(faults)('tell of %s, and of nothing else', async (invariant, statements) => {
    for (const statement of statements) await breakRows(statement);
    expect(await checkInvariants(engine.pool, all)).toEqual({ ...none, [invariant]: 1 });
  });

  test('look at lately ended runs only, where a window says so', async () => {
    await breakRows(
      `update workflow_runs set status = 'FAILED', unfinished_nodes = 1, finished_at = now() - interval '2 hours'`,
    );
    expect(await checkInvariants(engine.pool, { ...all, windowMs: 60_000 })).toEqual(none);
    expect(await checkInvariants(engine.pool, all)).toMatchObject({ runs_unlike_their_nodes: 1 });
  });

  test('are checked and kept by one of several sweepers', async () => {
    await breakRows(`update workflow_runs set status = 'FAILED', unfinished_nodes = 1`);
    // The worker has checked as it came up.
    await engine.pool.query('delete from invariant_checks');
    const loggers = [recordingLogger(), recordingLogger(), recordingLogger()];
    for (const logger of loggers) {
      // Each is new and would check at once; within the minute only the first one does.
      const sweeper = createSweeper({ ...engine, logger, times: { ...quickSweeper, checkMs: 60_000 } });
      await sweeper.round();
    }
    const told = loggers.flatMap(({ lines }) => lines.filter(({ message }) => message === 'invariants are broken'));
    expect(told).toMatchObject([{ level: 'error', fields: { broken: { runs_unlike_their_nodes: 1 } } }]);
    expect(await listInvariantChecks(engine.pool)).toContainEqual({ name: 'runs_unlike_their_nodes', violations: 1 });
  });
});
