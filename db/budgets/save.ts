import type pg from 'pg';
import type { BudgetPeriod } from '../model-calls/begin.ts';
import { statement, type Queryable } from '../statement.ts';
import { inTransaction } from '../transaction.ts';

interface NewBudget {
  readonly userId: string;
  readonly workflowId: number | null;
  readonly period: BudgetPeriod;
  readonly limitUsd: number;
}

const save = statement<{ saved: boolean; is_known: boolean }>(
  'save-budget',
  `with workflow as materialized (
     select $2::integer is null or exists (select from workflows w where w.id = $2::integer and w.user_id = $1) as is_known
   ),
   room as materialized (select count(*) as count from budgets b where b.user_id = $1),
   saved as (
     insert into budgets (user_id, workflow_id, period, limit_usd)
     select $1, $2::integer, $3::varchar, $4::double precision from workflow w, room r
      where w.is_known and (r.count < $5 or exists (
        select from budgets b where b.user_id = $1 and b.workflow_id is not distinct from $2::integer and b.period = $3::varchar))
     on conflict (user_id, workflow_id, period) do update set limit_usd = excluded.limit_usd, updated_at = now()
     returning id
   )
   select exists (select from saved) as saved, w.is_known from workflow w`,
);

const holdOwner = statement('hold-owner-of-budgets', 'select id from users where id = $1 for no key update');

/** Takes the place of an earlier one for the same. `unknown`: the user has no such workflow. `full`: there are `most` already. */
export function saveBudget(
  pool: pg.Pool,
  { userId, workflowId, period, limitUsd }: NewBudget,
  most: number,
): Promise<'saved' | 'unknown' | 'full'> {
  return inTransaction(pool, async (on) => {
    // A statement of its own: what is counted afterwards is counted when others who hold the account have committed.
    await holdOwner(on, [userId]);
    const [row] = await save(on, [userId, workflowId, period, limitUsd, most]);
    return row?.saved === true ? 'saved' : row?.is_known === true ? 'full' : 'unknown';
  });
}

const remove = statement<{ id: string }>(
  'delete-budget',
  `delete from budgets where user_id = $1 and id = $2 returning id`,
);

/** False where there was none. */
export async function deleteBudget(on: Queryable, userId: string, id: string): Promise<boolean> {
  return (await remove(on, [userId, id])).length > 0;
}
