import { sql } from 'kysely';
import type { DataQuota } from '../../core/limits.ts';
import type { Db } from '../client.ts';
import type { UserData } from './read.ts';
import { rowBytes } from './row-bytes.ts';

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
