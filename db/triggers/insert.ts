import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { holdAccount } from '../hold.ts';
import { queryableOf } from '../queryable.ts';
import { statement, storableJson } from '../statement.ts';
import { rememberFiles } from './files.ts';
import { columns, type TriggerRow } from './rows.ts';

interface NewTrigger extends Pick<
  TriggerRow,
  | 'id'
  | 'workflowId'
  | 'userId'
  | 'kind'
  | 'name'
  | 'enabled'
  | 'settings'
  | 'inputs'
  | 'nextAt'
  | 'sealed'
  | 'sourceWorkflowId'
> {
  /** SHA-256 of what stands in the address of a webhook; null for the other kinds. */
  readonly tokenHash: Buffer | null;
  /** In whose name it starts runs; null: the owner's. */
  readonly createdBy: string | null;
  /** Of one by new files: those that are there before it, and start nothing. Default: none. */
  readonly oldFiles?: Parameters<typeof rememberFiles>[2];
}

const insert = statement<TriggerRow>(
  'insert-trigger',
  `with source as materialized (
     select s.id from workflows s where s.id = $12::integer and s.user_id = $3 for key share
   ),
   t as (
     insert into triggers (id, workflow_id, user_id, kind, name, enabled, settings, inputs, next_at, token_hash, sealed,
                           source_workflow_id, created_by, look_at)
     select $1, w.id, w.user_id, $4::varchar, $5, $6, $7::jsonb, $8::jsonb, $9, $10, $11, s.id, $13,
            case when $4::varchar = 'file' then clock_timestamp() end
       from workflows w left join source s on true
      where w.id = $2 and w.user_id = $3 and ($12::integer is null or s.id is not null) for key share of w
     returning *
   )
   select ${columns} from t`,
);

/**
 * Stores a new trigger of a user's workflow. `full` where the user has `most` of them, `barred` where the account was
 * removed or may not run anything (any more), `missing` where the user has no such workflow (any more).
 */
export function insertTrigger(
  db: Db,
  trigger: NewTrigger,
  most: number,
): Promise<TriggerRow | 'full' | 'barred' | 'missing'> {
  return db.transaction().execute(async (trx) => {
    const role = await holdAccount(trx, trigger.userId);
    if (role === null || role === 'viewer') return 'barred';
    const { count } = await trx
      .selectFrom('triggers')
      .select(sql<number>`count(*)::integer`.as('count'))
      .where('user_id', '=', trigger.userId)
      .executeTakeFirstOrThrow();
    if (count >= most) return 'full';
    const [row] = await insert(queryableOf(trx), [
      trigger.id,
      trigger.workflowId,
      trigger.userId,
      trigger.kind,
      trigger.name,
      trigger.enabled,
      storableJson(JSON.stringify(trigger.settings)),
      storableJson(JSON.stringify(trigger.inputs)),
      trigger.nextAt,
      trigger.tokenHash,
      trigger.sealed,
      trigger.sourceWorkflowId,
      trigger.createdBy,
    ]);
    if (row === undefined) return 'missing';
    await rememberFiles(queryableOf(trx), trigger.id, trigger.oldFiles ?? [], { at: row.createdAt, isTaken: true });
    return row;
  });
}
