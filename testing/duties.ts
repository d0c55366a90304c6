import type pg from 'pg';
import type { RunRetention } from '../db/runs/delete-old.ts';
import type { CleanContext } from '../engine/duties/clean/clean-context.ts';
import type { Duty } from '../engine/duties/duty.ts';
import { createSweepContext, type SweepContext, type SweeperTimes } from '../engine/duties/sweep/sweep-context.ts';
import { openDatabase, type DatabaseHandle } from '../db/client.ts';
import { consumeNodes } from '../queue/consumer.ts';
import type { NodeJobData } from '../queue/backend.ts';
import { quickSweeper, recordingLogger, unavailable, type LogLine, type TestEngine } from './engine.ts';
import { insertOwnedRows, type OwnedRows } from './owned-rows.ts';
import { createTestDatabase } from './postgres.ts';

/** Does a duty once, as its runner does, and gives the names of the duties that it wants to be done in the same round. */
export async function doDuty<Context extends object>(
  duty: Duty<Context>,
  context: Context,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly string[]> {
  const hurried: string[] = [];
  await duty.run({ ...context, signal, hurry: ({ name }) => void hurried.push(name) });
  return hurried;
}

/** What the duties of the sweeper get, on the database and queue of an engine. */
export function sweepContextOf(
  engine: TestEngine,
  {
    times = {},
    ...overrides
  }: Partial<Omit<SweepContext, 'times' | 'enqueue'>> & {
    readonly times?: Partial<SweeperTimes>;
  } = {},
): SweepContext & { readonly lines: readonly LogLine[] } {
  const logger = recordingLogger();
  const context = createSweepContext({ ...engine, logger, ...overrides, times: { ...quickSweeper, ...times } });
  return { ...context, lines: logger.lines };
}

/** What the duties of the cleaner get; files only where the test has some. */
export function cleanContextOf(
  { pool }: { readonly pool: pg.Pool },
  retention: RunRetention = { days: null, perWorkflow: null },
  files: Pick<CleanContext, 'store' | 'rows'> = { store: unavailable('files'), rows: unavailable('files') },
): CleanContext & { readonly lines: readonly LogLine[] } {
  const logger = recordingLogger();
  return { pool, ...files, retention, logger, pauseMs: 1, lines: logger.lines };
}

/** Takes io jobs until `count` have come, and gives what they say. The jobs end; nothing of the nodes is touched. */
export async function takeNodeJobs(engine: TestEngine, count: number): Promise<readonly NodeJobData[]> {
  const taken: NodeJobData[] = [];
  let onAll = () => {};
  const all = new Promise<void>((resolve) => (onAll = resolve));
  const consumer = consumeNodes(engine.backend, 'io', {
    concurrency: 1,
    execute: async (job) => {
      taken.push(job);
      if (taken.length === count) onAll();
    },
  });
  await all;
  await consumer.stop();
  return taken;
}

/** A database with two users, each with one row in every table that holds things of users. */
export interface OwnedDatabase extends DatabaseHandle {
  readonly old: OwnedRows;
  readonly young: OwnedRows;
  /** The owners of what a table holds. */
  ownersIn(table: string): Promise<readonly string[]>;
}

export async function openOwnedDatabase(): Promise<OwnedDatabase> {
  const database = await createTestDatabase();
  const handle = openDatabase(database.url, { poolSize: 3, applicationName: 'heddle-test', onError: () => {} });
  const [old, young] = [await insertOwnedRows(handle.db), await insertOwnedRows(handle.db)];
  return {
    ...handle,
    old,
    young,
    ownersIn: async (table) => {
      const { rows } = await handle.pool.query<{ user_id: string }>(`select user_id from ${table}`);
      return rows.map((row) => row.user_id);
    },
    stop: async () => {
      await handle.stop();
      await database.drop();
    },
  };
}
