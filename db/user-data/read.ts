import { sql } from 'kysely';
import type { DataQuota } from '../../core/limits.ts';
import type { Db } from '../client.ts';
import { statement, type Queryable } from '../statement.ts';

/** What a user keeps in the database. */
export interface UserData {
  readonly workflows: number;
  /** Workflows, their versions, and what finished runs keep, as stored. */
  readonly bytes: number;
}

/** What a row takes beside its values. */
const rowBytes = 100;

/*
 * Sizes as stored: compressed values are not unpacked.
 *
 * Relies on workflows_user_updated and workflow_versions (workflow_id, content_hash).
 */
const read = statement<{ workflows: number; bytes: string }>(
  'read-user-data',
  `select (select count(*)::integer from workflows where user_id = $1) as workflows,
          (select coalesce(sum(pg_column_size(data) + ${rowBytes}), 0) from workflows where user_id = $1)
          + (select coalesce(sum(pg_column_size(v.data) + ${rowBytes}), 0)
               from workflows w join workflow_versions v on v.workflow_id = w.id where w.user_id = $1)
          + coalesce((select run_bytes from user_data where user_id = $1), 0) as bytes`,
);

export async function readUserData(on: Queryable, userId: string): Promise<UserData> {
  const [row] = await read(on, [userId]);
  return { workflows: row!.workflows, bytes: Number(row!.bytes) };
}

/**
 * Makes a change to a user's workflows that must not exceed the quota: what
 * lets it grow beyond is undone and gives null. Changes of one user wait for
 * each other, so that together they cannot exceed it either.
 */
export async function changeWithinDataQuota<Result>(
  db: Db,
  { userId, quota }: { readonly userId: string; readonly quota: DataQuota },
  change: (transaction: Db) => Promise<Result>,
): Promise<Result | null> {
  try {
    return await db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtextextended('heddle-data ' || ${userId}, 0))`.execute(transaction);
      const before = await readIn(transaction, userId);
      const result = await change(transaction);
      const after = await readIn(transaction, userId);
      const isOver =
        (after.workflows > quota.maxWorkflows && after.workflows > before.workflows) ||
        (after.bytes > quota.maxBytes && after.bytes > before.bytes);
      if (isOver) throw new OverQuota();
      return result;
    });
  } catch (error) {
    if (error instanceof OverQuota) return null;
    throw error;
  }
}

class OverQuota extends Error {}

async function readIn(transaction: Db, userId: string): Promise<UserData> {
  const { rows } = await sql<{ workflows: number; bytes: string }>`
    select (select count(*)::integer from workflows where user_id = ${userId}) as workflows,
           (select coalesce(sum(pg_column_size(data) + ${sql.lit(rowBytes)}), 0) from workflows where user_id = ${userId})
           + (select coalesce(sum(pg_column_size(v.data) + ${sql.lit(rowBytes)}), 0)
                from workflows w join workflow_versions v on v.workflow_id = w.id where w.user_id = ${userId})
           + coalesce((select run_bytes from user_data where user_id = ${userId}), 0) as bytes`.execute(transaction);
  return { workflows: rows[0]!.workflows, bytes: Number(rows[0]!.bytes) };
}

/*
 * Measures runs that ended at or after $1, $2 of them at most, and adds what they
 * keep to what their users have.
 *
 * Locks   the runs, and the rows of user_data in their order; runs that somebody else has locked are left for the next time.
 * Relies  on workflow_runs_finished, node_executions (run_id) and run_events (run_id, seq).
 */
const measure = statement<{ userId: string; runs: number }>(
  'measure-finished-runs',
  `with due as materialized (
     select id, user_id from workflow_runs
      where finished_at is not null and finished_at >= coalesce($1::timestamptz, '-infinity') and kept_bytes is null
      limit $2
        for no key update skip locked
   ),
   sized as materialized (
     select d.id, d.user_id,
            3 * ${rowBytes}
            + coalesce((select sum(coalesce(pg_column_size(n.input_data), 0) + coalesce(pg_column_size(n.output_data), 0)
                                   + coalesce(length(n.error), 0) + 4 * ${rowBytes})
                          from node_executions n where n.run_id = d.id), 0)
            + coalesce((select sum(pg_column_size(e.payload) + ${rowBytes}) from run_events e where e.run_id = d.id), 0)
              as bytes
       from due d
   ),
   marked as (
     update workflow_runs r set kept_bytes = s.bytes from sized s where r.id = s.id
   ),
   added as (
     insert into user_data (user_id, run_bytes)
     select user_id, sum(bytes) from sized group by user_id order by user_id
     on conflict (user_id) do update set run_bytes = user_data.run_bytes + excluded.run_bytes
   )
   select user_id as "userId", count(*)::integer as runs from sized group by user_id`,
);

/** Gives the users whose runs were measured, with how many of each. */
export function measureFinishedRuns(
  on: Queryable,
  since: Date | null,
  limit: number,
): Promise<{ userId: string; runs: number }[]> {
  return measure(on, [since, limit]);
}

const trim = statement<{ key: string }>(
  'trim-cached-outputs',
  `delete from output_cache where user_id = $1 and key in (
     select key from (
       select key, sum(coalesce(pg_column_size(output_data), 0) + ${rowBytes}) over (order by created_at desc, key) as kept
         from output_cache where user_id = $1) c
      where kept > $2)
   returning key`,
);

/** Drops the oldest cached outputs of a user beyond so many bytes. */
export async function trimCachedOutputs(on: Queryable, userId: string, maxBytes: number): Promise<number> {
  return (await trim(on, [userId, maxBytes])).length;
}

const lock = statement<{ locked: boolean }>(
  'lock-measuring',
  `select pg_try_advisory_xact_lock(hashtext('heddle-measure')) as locked`,
);

/** One server measures at a time, for as long as the transaction lives. */
export async function lockMeasuring(on: Queryable): Promise<boolean> {
  return (await lock(on, []))[0]?.locked === true;
}
