import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { RetryableError, TerminalError } from '../../../core/errors/app-error.ts';
import type { Graph } from '../../../core/graph/graph.ts';
import { cancelBatch, pauseBatch, resumeBatch, retryBatchRows } from '../../../db/batches/change.ts';
import { claimBatchRows, finishBatches } from '../../../db/batches/feed.ts';
import { findBatch } from '../../../db/batches/find.ts';
import { insertBatch } from '../../../db/batches/insert.ts';
import { openDatabase, type DatabaseHandle } from '../../../db/client.ts';
import { doDuty } from '../../../testing/duties.ts';
import { createTestEngine, recordingLogger, type TestEngine } from '../../../testing/engine.ts';
import { eventually } from '../../../testing/eventually.ts';
import { edgeOf, nodeOf } from '../../../testing/graphs.ts';
import { createRunPlayer, type RunPlayer } from '../../../testing/play-run.ts';
import { cancelRunsOfBatches } from './cancel-runs-of-batches.ts';
import type { FeedContext } from './feed-context.ts';
import { settleBatches } from './settle-batches.ts';
import { startBatchRows } from './start-batch-rows.ts';

const scope = { workspaceId: 'user-1' };
const maxActive = 5;
const graph: Graph = {
  nodes: [nodeOf('t', 'text', { text: '', input: { name: 'topic' } }), nodeOf('o', 'output', { name: 'said' })],
  edges: [edgeOf('t', 'o', { targetHandle: 'value' })],
};

let engine: TestEngine;
let player: RunPlayer;
let handle: DatabaseHandle;
let time: Date | null;
beforeAll(async () => {
  engine = await createTestEngine('postgres', { maxActiveRunsPerUser: maxActive });
  player = await createRunPlayer(engine.pool);
  const { connectionString } = engine.pool.options as { connectionString: string };
  handle = openDatabase(connectionString, { poolSize: 2, applicationName: 'test', onError: () => {} });
});
afterAll(async () => {
  await handle.stop();
  await engine.stop();
});
beforeEach(async () => {
  time = null;
  await engine.pool.query('delete from batches');
  await engine.pool.query('delete from workflow_runs');
});

/** A server that feeds batches; they share a database. */
function server(overrides: Partial<FeedContext> = {}) {
  const logger = recordingLogger();
  const context: FeedContext = {
    pool: engine.pool,
    starter: engine.starter,
    logger,
    now: () => time,
    maxActiveRunsPerUser: maxActive,
    ...overrides,
  };
  return {
    logger,
    round: async () => {
      await doDuty(cancelRunsOfBatches, context);
      await doDuty(settleBatches, context);
      await doDuty(startBatchRows, context);
    },
  };
}

async function makeBatch(count: number, atOnce = 100): Promise<string> {
  const workflow = await engine.createWorkflow(graph);
  const versionId = await engine.starter.freeze(workflow, 'user-1', 0);
  const id = newId();
  const rows = Array.from({ length: count }, (_, index) => ({ topic: `topic ${index + 1}` }));
  const batch = { id, workflowId: workflow.id, userId: 'user-1', versionId, published: null, name: null };
  expect(await insertBatch(handle.db, { ...batch, atOnce, useCache: null, createdBy: null, rows }, 200)).toBe(
    'inserted',
  );
  return id;
}

async function counts(id: string): Promise<string> {
  const batch = await findBatch(engine.pool, scope, id);
  const { status, queued, running, done, failed, cancelled } = batch!;
  return `${status}: ${queued} queued, ${running} running, ${done} done, ${failed} failed, ${cancelled} cancelled`;
}

async function runsOf(id: string): Promise<readonly string[]> {
  const { rows } = await engine.pool.query<{ run_id: string }>(
    `select run_id from batch_rows where batch_id = $1 and status = 'running' order by number`,
    [id],
  );
  return rows.map((row) => row.run_id);
}

async function allRuns(): Promise<number> {
  return (await engine.pool.query('select count(*)::integer as count from workflow_runs')).rows[0].count;
}

describe('rows of a batch', () => {
  test('run in their order, once each, with their values, whatever number of servers feed them', async () => {
    const id = await makeBatch(9);
    const servers = [server(), server(), server()];
    await Promise.all(servers.map(({ round }) => round()));
    expect(await counts(id)).toBe('running: 5 queued, 4 running, 0 done, 0 failed, 0 cancelled');
    const [first] = await runsOf(id);
    const { rows } = await engine.pool.query(
      `select v.data #>> '{nodes,0,data,text}' as text, r.trigger_type from workflow_runs r
         join workflow_versions v on v.id = r.workflow_version_id where r.id = $1`,
      [first],
    );
    expect(rows).toEqual([{ text: 'topic 1', trigger_type: 'BATCH' }]);
    for (let round = 0; round < 3; round += 1) {
      for (const runId of await runsOf(id)) await player.finish(runId);
      await Promise.all(servers.map(({ round: go }) => go()));
    }
    await servers[0]!.round();
    expect(await counts(id)).toBe('finished: 0 queued, 0 running, 9 done, 0 failed, 0 cancelled');
    expect(await allRuns()).toBe(9);
    expect(servers.flatMap(({ logger }) => logger.lines)).toEqual([]);
  });

  test('that are queued anew while their batch is being ended go on', async () => {
    const id = await makeBatch(1);
    const end = `update batch_rows set status = 'failed', finished_at = now() where batch_id = $1`;
    await engine.pool.query(end, [id]);
    const client = await engine.pool.connect();
    try {
      await client.query('begin');
      expect(await retryBatchRows(client, scope, id, ['failed'])).toBe(1);
      const ending = finishBatches(engine.pool);
      const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%seen from batches%'
                        and datname = current_database()`;
      await eventually(async () => (await engine.pool.query(waits)).rowCount === 1);
      await client.query('commit');
      await ending;
    } finally {
      client.release();
    }
    expect(await counts(id)).toBe('running: 1 queued, 0 running, 0 done, 0 failed, 0 cancelled');
    await engine.pool.query(end, [id]);
    await finishBatches(engine.pool);
    expect(await counts(id)).toBe('finished: 0 queued, 0 running, 0 done, 1 failed, 0 cancelled');
  });

  test('keep to their window', async () => {
    const id = await makeBatch(5, 2);
    await server().round();
    expect(await runsOf(id)).toHaveLength(2);
  });

  test('leave one turn of their user to what is started by hand, and begin after all that waits', async () => {
    const id = await makeBatch(20);
    await server().round();
    expect(await runsOf(id)).toHaveLength(maxActive - 1);
    const byHand: string[] = [];
    for (let index = 0; index < 3; index += 1) byHand.push(await engine.start(graph, { inputs: { topic: 'mine' } }));
    const admitted = async () =>
      (
        await engine.pool.query('select id from workflow_runs where id = any ($1) and admitted_at is not null', [
          byHand,
        ])
      ).rows.length;
    expect(await admitted()).toBe(1);
    // Two of the user wait: what becomes free is theirs.
    for (const runId of (await runsOf(id)).slice(0, 2)) await player.finish(runId);
    await server().round();
    expect(await counts(id)).toBe('running: 16 queued, 2 running, 2 done, 0 failed, 0 cancelled');
    await engine.pool.query('select admit_runs($1, $2)', [['user-1'], maxActive]);
    expect(await admitted()).toBe(3);
    for (const runId of byHand) await player.finish(runId);
    await server().round();
    expect(await runsOf(id)).toHaveLength(maxActive - 1);
  });

  test('of two batches of a user come in turn', async () => {
    const [one, two] = [await makeBatch(9), await makeBatch(9)];
    await server().round();
    expect([(await runsOf(one)).length, (await runsOf(two)).length]).toEqual([2, 2]);
  });

  test('are claimed although batches of others have all that they may have under way', async () => {
    const id = await makeBatch(3);
    const others = Array.from({ length: 8 }, (_, index) => `other-${index}`);
    await engine.pool.query(
      `with person as (
         insert into users (id, email) select o, o || '@example.org' from unnest($1::text[]) as o returning id
       ),
       batch as (
         insert into batches (id, workflow_id, user_id, version_id, at_once, total, bytes)
         select gen_random_uuid(), b.workflow_id, p.id, b.version_id, 1, 2, 0 from person p cross join batches b
         returning id
       )
       insert into batch_rows (batch_id, number, inputs, status, run_id, claimed_until)
       select b.id, n, '{}', case n when 1 then 'running' else 'queued' end, case n when 1 then gen_random_uuid() end,
              case n when 1 then now() + interval '1 hour' end
         from batch b cross join generate_series(1, 2) as n`,
      [others],
    );
    expect((await claimBatchRows(engine.pool, null, maxActive, 3)).map(({ batchId }) => batchId)).toEqual([id, id, id]);
  });

  test('begin no more while the batch is paused, and go on when it is resumed by whichever server', async () => {
    const id = await makeBatch(6);
    await server().round();
    expect(await pauseBatch(engine.pool, scope, id)).toBe(true);
    for (const runId of await runsOf(id)) await player.finish(runId);
    await server().round();
    expect(await counts(id)).toBe('paused: 2 queued, 0 running, 4 done, 0 failed, 0 cancelled');
    expect(await resumeBatch(engine.pool, scope, id)).toBe(true);
    await server().round();
    expect(await counts(id)).toBe('running: 0 queued, 2 running, 4 done, 0 failed, 0 cancelled');
  });

  test('that failed are retried alone, from where their runs failed', async () => {
    const id = await makeBatch(4);
    await server().round();
    const [broken, ...others] = await runsOf(id);
    await player.fail(broken!, 'no luck');
    for (const runId of others) await player.finish(runId);
    await server().round();
    expect(await counts(id)).toBe('finished: 0 queued, 0 running, 3 done, 1 failed, 0 cancelled');
    expect(await retryBatchRows(engine.pool, scope, id, ['failed'])).toBe(1);
    await server().round();
    expect(await counts(id)).toBe('running: 0 queued, 1 running, 3 done, 0 failed, 0 cancelled');
    const [again] = await runsOf(id);
    const { rows } = await engine.pool.query('select retry_of from workflow_runs where id = $1', [again]);
    expect(rows).toEqual([{ retry_of: broken }]);
    await player.finish(again!);
    await server().round();
    expect(await counts(id)).toBe('finished: 0 queued, 0 running, 4 done, 0 failed, 0 cancelled');
  });

  test('end with the batch when it is canceled, those under way included', async () => {
    const id = await makeBatch(8);
    await server().round();
    const runs = await runsOf(id);
    expect(await cancelBatch(engine.pool, scope, id)).toBe(true);
    await server().round();
    await server().round();
    expect(await counts(id)).toBe('cancelled: 0 queued, 0 running, 0 done, 0 failed, 8 cancelled');
    expect(await Promise.all(runs.map(async (runId) => (await engine.run(runId)).status))).toEqual(
      runs.map(() => 'CANCELLED'),
    );
    expect(await retryBatchRows(engine.pool, scope, id, ['failed'])).toBe(0);
    expect(await retryBatchRows(engine.pool, scope, id, ['failed', 'cancelled'])).toBe(8);
  });
});

describe('a server that dies', () => {
  const connectionLost = () => Object.assign(new Error('Connection terminated'), { code: '57P01' });

  test('after it claimed a row leaves it to another one; after it started it, it is one run', async () => {
    const id = await makeBatch(1);
    time = new Date('2026-11-30T09:00:00Z');
    const claims = server({ starter: { ...engine.starter, start: async () => Promise.reject(connectionLost()) } });
    await expect(claims.round()).rejects.toThrow('Connection terminated');
    await server().round();
    expect(await allRuns()).toBe(0);
    time = new Date('2026-11-30T09:00:31Z');
    const starts = server({
      starter: {
        ...engine.starter,
        start: async (request) => {
          await engine.starter.start(request);
          throw connectionLost();
        },
      },
    });
    await expect(starts.round()).rejects.toThrow('Connection terminated');
    time = new Date('2026-11-30T09:02:00Z');
    await server().round();
    expect(await allRuns()).toBe(1);
    await player.finish((await runsOf(id))[0]!);
    await server().round();
    expect(await counts(id)).toBe('finished: 0 queued, 0 running, 1 done, 0 failed, 0 cancelled');
  });

  test('with a row of a batch that is then canceled leaves nothing that runs', async () => {
    const id = await makeBatch(1);
    time = new Date('2026-11-30T09:00:00Z');
    const claims = server({ starter: { ...engine.starter, start: async () => Promise.reject(connectionLost()) } });
    await expect(claims.round()).rejects.toThrow('Connection terminated');
    await cancelBatch(engine.pool, scope, id);
    time = new Date('2026-11-30T09:00:31Z');
    await server().round();
    expect(await counts(id)).toBe('cancelled: 0 queued, 0 running, 0 done, 0 failed, 1 cancelled');
    expect(await allRuns()).toBe(0);
  });
});

describe('a row that cannot start', () => {
  const refusing = (error: Error) =>
    server({ starter: { ...engine.starter, start: async () => Promise.reject(error) } });

  test('fails alone where that is its own fault, with the reason', async () => {
    const id = await makeBatch(2);
    const broken = server({
      starter: {
        ...engine.starter,
        start: async (request) => {
          if (request.inputs?.['topic'] === 'topic 1') throw new TerminalError('GRAPH_TOO_LARGE', 'Too large. Cut it.');
          return engine.starter.start(request);
        },
      },
    });
    await broken.round();
    expect(await counts(id)).toBe('running: 0 queued, 1 running, 0 done, 1 failed, 0 cancelled');
    const { rows } = await engine.pool.query(`select code, error from batch_rows where status = 'failed'`);
    expect(rows).toEqual([{ code: 'GRAPH_TOO_LARGE', error: 'Too large. Cut it.' }]);
  });

  test('waits where there is no room for the moment', async () => {
    const id = await makeBatch(1);
    time = new Date('2026-11-30T09:00:00Z');
    await refusing(new RetryableError('RUN_QUEUE_FULL', 'The queue is full.', { retryAfterMs: 5_000 })).round();
    time = new Date('2026-11-30T09:00:04Z');
    await server().round();
    expect(await counts(id)).toBe('running: 1 queued, 0 running, 0 done, 0 failed, 0 cancelled');
    time = new Date('2026-11-30T09:00:06Z');
    await server().round();
    expect(await counts(id)).toBe('running: 0 queued, 1 running, 0 done, 0 failed, 0 cancelled');
  });

  test('pauses the batch where that holds for every row, which says why', async () => {
    const id = await makeBatch(3);
    await refusing(new TerminalError('DATA_QUOTA_FULL', 'There is no room. Delete runs.')).round();
    expect(await counts(id)).toBe('paused: 3 queued, 0 running, 0 done, 0 failed, 0 cancelled');
    expect(await findBatch(engine.pool, scope, id)).toMatchObject({ pausedReason: 'There is no room. Delete runs.' });
    await resumeBatch(engine.pool, scope, id);
    await server().round();
    expect(await counts(id)).toBe('running: 0 queued, 3 running, 0 done, 0 failed, 0 cancelled');
  });
});
