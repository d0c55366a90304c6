import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kysely, PostgresDialect } from 'kysely';
import type { PartEvent } from '../../core/events/part-event.ts';
import type { Database } from '../../db/schema.ts';
import { createTestEngine, recordingLogger, type TestEngine } from '../../testing/engine.ts';
import { eventually } from '../../testing/eventually.ts';
import { graphOf } from '../../testing/graphs.ts';
import { createPartFeed, type PartFeed } from './part-feed.ts';

let engine: TestEngine;
let feed: PartFeed;
beforeAll(async () => {
  engine = await createTestEngine('postgres');
  feed = createPartFeed({
    db: new Kysely<Database>({ dialect: new PostgresDialect({ pool: engine.pool }) }),
    notices: engine.notices,
    logger: recordingLogger(),
    pollIntervalMs: 50,
    now: () => new Date(),
  });
  feed.start();
});
afterAll(async () => {
  await feed.stop();
  await engine.stop();
});

test('more parts than are told at once, which changed in one moment, are all told, and what changes after them', async () => {
  const runId = await engine.start(graphOf(['driver'], []));
  const executionId = (await engine.nodes(runId))['driver']!.id;
  const told = new Set<number>();
  const listener = { send: (event: PartEvent) => void (event.type === 'part.updated' && told.add(event.index)) };
  const unfollow = feed.follow(listener, { runId, partId: null, nodeId: 'driver', executionId });
  const insertParts = (from: number, to: number) =>
    engine.pool.query(
      `insert into workflow_runs (workflow_id, workflow_version_id, user_id, status, unfinished_nodes, deadline_at, admitted_at,
                                  finished_at, parent_run_id, parent_execution_id, part_index, part_key, part_settled)
       select workflow_id, workflow_version_id, user_id, 'COMPLETED', 0, 'infinity', now(), now(), id, $2, index, 'key', true
         from workflow_runs, generate_series($3::integer, $4::integer) as index where id = $1`,
      [runId, executionId, from, to],
    );
  await insertParts(0, 1_200);
  await insertParts(1_201, 1_201);
  await eventually(() => expect(told.size).toBe(1_202));
  unfollow();
});
