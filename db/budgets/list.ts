import { statement, type Queryable } from '../statement.ts';
import type { BudgetPeriod } from '../model-calls/begin.ts';

interface StoredBudget {
  readonly id: string;
  /** Null: of all workflows. */
  readonly workflowId: number | null;
  readonly workflowName: string | null;
  readonly period: BudgetPeriod;
  readonly limitUsd: number;
  /** In the day or month that is under way; of a budget for each run: null. */
  readonly spentUsd: number | null;
}

const ofUser = statement<StoredBudget>(
  'list-budgets',
  `select b.id, b.workflow_id as "workflowId", w.name as "workflowName", b.period, b.limit_usd as "limitUsd",
          case when b.period <> 'run' then budget_spent(b.user_id, b.workflow_id, b.period, null) end as "spentUsd"
     from budgets b left join workflows w on w.id = b.workflow_id and w.user_id = b.user_id
    where b.user_id = $1 order by b.workflow_id nulls first, b.period`,
);

/** Of all workflows first. */
export function listBudgets(on: Queryable, userId: string): Promise<StoredBudget[]> {
  return ofUser(on, [userId]);
}
