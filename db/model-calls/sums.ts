import { statement, type Queryable } from '../statement.ts';

/** What was spent in a month on calls of models, by what they were for. */
export interface SpentOn {
  readonly workflowId: number;
  readonly workflowName: string | null;
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
  readonly usd: number;
}

const sums = statement<SpentOn>(
  'sum-model-calls',
  `select c.workflow_id as "workflowId", w.name as "workflowName", c.provider, c.model,
          count(*)::integer as calls, sum(coalesce(c.cost_usd, c.expected_usd)) as usd
     from model_calls c left join workflows w on w.id = c.workflow_id and w.user_id = c.user_id
    where c.user_id = $1 and c.workflow_id is not null and c.created_at >= budget_since('month')
    group by 1, 2, 3, 4 order by usd desc, calls desc limit 200`,
);

const directSums = statement<Omit<SpentOn, 'workflowId' | 'workflowName'>>(
  'sum-direct-model-calls',
  `select c.provider, c.model, count(*)::integer as calls, sum(coalesce(c.cost_usd, c.expected_usd)) as usd
     from model_calls c where c.user_id = $1 and c.workflow_id is null and c.created_at >= budget_since('month')
    group by 1, 2 order by usd desc, calls desc limit 200`,
);

/** Of the month that is under way, by UTC; the most expensive first, up to 200. */
export function sumModelCalls(on: Queryable, userId: string): Promise<SpentOn[]> {
  return sums(on, [userId]);
}

/** The same of calls that no node made. */
export function sumDirectModelCalls(
  on: Queryable,
  userId: string,
): Promise<Omit<SpentOn, 'workflowId' | 'workflowName'>[]> {
  return directSums(on, [userId]);
}

const old = statement(
  'delete-old-model-calls',
  `delete from model_calls where id in (
     select id from model_calls where created_at < clock_timestamp() - interval '400 days' limit 10000)`,
);

/** Deletes what is older than a year and a month: no budget and no sum looks that far back. */
export async function deleteOldModelCalls(on: Queryable): Promise<void> {
  await old(on, []);
}
