import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { holdAccount } from '../hold.ts';
import { queryableOf } from '../queryable.ts';
import { statement, storableJson } from '../statement.ts';

interface NewBatch {
  readonly id: string;
  readonly workflowId: number;
  readonly userId: string;
  /** The frozen graph. */
  readonly versionId: string;
  /** Number of the published version that it is of; null: of a draft. */
  readonly published: number | null;
  readonly name: string | null;
  /** Runs under way at once at most. */
  readonly atOnce: number;
  readonly useCache: boolean | null;
  /** Who makes it; null: the owner. */
  readonly createdBy: string | null;
  /** The inputs of each, in their order. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

const insert = statement<{ id: string }>(
  'insert-batch',
  `with flow as materialized (
     select w.id from workflows w where w.id = $2 and w.user_id = $3 for key share
   ),
   version as (
     -- It counts as young from now on: whoever clears unused graphs away leaves it until this is committed.
     update workflow_versions v set created_at = clock_timestamp()
       from flow f where v.id = $4 and v.workflow_id = f.id
     returning v.id
   ),
   given as materialized (
     select r.inputs, r.place from jsonb_array_elements($9::jsonb) with ordinality as r(inputs, place)
   ),
   batch as (
     insert into batches (id, workflow_id, user_id, version_id, published_version, name, at_once, use_cache, created_by, total,
                          bytes)
     select $1, $2, $3, v.id, $5::integer, $6, $7::integer, $8::boolean, $10,
            (select count(*) from given), (select sum(pg_column_size(g.inputs)) from given g)
       from version v
     returning id
   ),
   rows as (
     insert into batch_rows (batch_id, number, inputs) select b.id, g.place, g.inputs from batch b cross join given g
   )
   select id from batch`,
);

/**
 * Stores a batch with its rows, which begins at once. `full` where the user has `most` of them, `barred` where the account
 * was removed or may not run anything (any more), `missing` where the workflow or the frozen graph is gone.
 */
export function insertBatch(
  db: Db,
  batch: NewBatch,
  most: number,
): Promise<'inserted' | 'full' | 'barred' | 'missing'> {
  return db.transaction().execute(async (trx) => {
    const { id, workflowId, userId, versionId, published, name, atOnce, useCache, createdBy, rows } = batch;
    const role = await holdAccount(trx, userId);
    if (role === null || role === 'viewer') return 'barred';
    const { count } = await trx
      .selectFrom('batches')
      .select(sql<number>`count(*)::integer`.as('count'))
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow();
    if (count >= most) return 'full';
    const values = [id, workflowId, userId, versionId, published, name, atOnce, useCache];
    const [row] = await insert(queryableOf(trx), [...values, storableJson(JSON.stringify(rows)), createdBy]);
    return row === undefined ? 'missing' : 'inserted';
  });
}
