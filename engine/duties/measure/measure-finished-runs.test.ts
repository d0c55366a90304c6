import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lockMeasuring } from '../../../db/duties/lock.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { measureUserData } from '../../../db/user-data/measure.ts';
import { doDuty, openOwnedDatabase, type OwnedDatabase } from '../../../testing/duties.ts';
import type { MeasureContext } from './measure-context.ts';
import { measureFinishedRuns } from './measure-finished-runs.ts';

const minuteMs = 60_000;

let database: OwnedDatabase;
let context: MeasureContext;
beforeEach(async () => {
  database = await openOwnedDatabase();
  context = {
    pool: database.pool,
    quota: { maxBytes: 2 ** 20, maxWorkflows: 10 },
    now: Date.now,
    progress: { since: null },
  };
});
afterEach(() => database.stop());

/** The run of a user ends with an output, `minutesAgo`. */
async function end({ runId }: { readonly runId: string }, minutesAgo = 0): Promise<void> {
  await database.pool.query(
    `update workflow_runs set status = 'FAILED', finished_at = now() - make_interval(mins => $2) where id = $1`,
    [runId, minutesAgo],
  );
}

const bytesOf = async ({ userId }: { readonly userId: string }) => (await measureUserData(database.pool, userId)).bytes;

test('a run that has ended counts for its user, once, and nobody else has more', async () => {
  const { old, young } = database;
  const before = { old: await bytesOf(old), young: await bytesOf(young) };
  await end(old);
  await doDuty(measureFinishedRuns, context);
  const measured = await bytesOf(old);
  expect(measured).toBeGreaterThan(before.old);
  expect(await bytesOf(young)).toBe(before.young);
  await doDuty(measureFinishedRuns, { ...context, progress: { since: null } });
  expect(await bytesOf(old)).toBe(measured);
});

test('after a look at everything only runs of the last minutes are looked for', async () => {
  const { old, young } = database;
  await doDuty(measureFinishedRuns, context);
  expect(context.progress.since?.getTime()).toBeLessThanOrEqual(Date.now() - 10 * minuteMs);
  const before = { old: await bytesOf(old), young: await bytesOf(young) };
  await end(old, 60);
  await end(young);
  await doDuty(measureFinishedRuns, context);
  expect(await bytesOf(old)).toBe(before.old);
  expect(await bytesOf(young)).toBeGreaterThan(before.young);
});

test('where another process measures, nothing is done and everything is left to be looked at', async () => {
  const { old } = database;
  await end(old);
  const before = await bytesOf(old);
  await inTransaction(database.pool, async (connection) => {
    expect(await lockMeasuring(connection)).toBe(true);
    await doDuty(measureFinishedRuns, context);
  });
  expect({ bytes: await bytesOf(old), since: context.progress.since }).toEqual({ bytes: before, since: null });
});

test('cached outputs make room where their user has ended a run', async () => {
  const { old, young } = database;
  await end(old);
  await doDuty(measureFinishedRuns, { ...context, quota: { ...context.quota, maxBytes: 0 } });
  expect(await database.ownersIn('output_cache')).toEqual([young.userId]);
});
