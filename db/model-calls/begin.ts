import { statement, type Queryable } from '../statement.ts';

/** Who makes a paid call: an attempt of a node, or, where all of it is null, a user directly. */
export interface ModelCaller {
  readonly userId: string;
  readonly workflowId: number | null;
  readonly runId: string | null;
  readonly nodeId: string | null;
  readonly nodeExecutionId: string | null;
  readonly attempt: number;
}

/** A paid call that is about to be made. */
export interface NewModelCall extends ModelCaller {
  readonly provider: string;
  readonly model: string;
  /** What it costs by its list price, in US dollars; null: not known before. */
  readonly listedUsd: number | null;
}

/** What a budget is for: each run, or what is spent since midnight or the first of the month, UTC. */
export type BudgetPeriod = 'run' | 'day' | 'month';

/** A budget that has no room for a call. */
export interface FullBudget {
  readonly period: BudgetPeriod;
  readonly limitUsd: number;
  readonly spentUsd: number;
  readonly expectedUsd: number;
}

interface Row extends Record<string, unknown> {
  call: string | null;
  period: BudgetPeriod | null;
  allowed: number | null;
  spent: number | null;
  expected: number;
}

/*
 * begin: writes a call down with what it will probably cost: the median of the node's last calls, its list price, or the
 * median of the model's last calls. Where a budget has no room for that, nothing is written. A call of no run counts as a
 * run of its own.
 *
 * Locks   the budgets of the user, where there are some, by an advisory lock.
 * Relies  on model_calls_user, model_calls_workflow and model_calls_run.
 */
const begin = statement<Row>('begin-model-call', `select * from begin_model_call($1, $2, $3, $4, $5, $6, $7, $8, $9)`);

/** The id of the call, or the budget that keeps it from being made. */
export async function beginModelCall(on: Queryable, call: NewModelCall): Promise<string | FullBudget> {
  const { userId, workflowId, runId, nodeId, nodeExecutionId, attempt, provider, model, listedUsd } = call;
  const [row] = await begin(on, [
    userId,
    workflowId,
    runId,
    nodeId,
    nodeExecutionId,
    attempt,
    provider,
    model,
    listedUsd,
  ]);
  if (row?.call) return row.call;
  return {
    period: row?.period ?? 'run',
    limitUsd: row?.allowed ?? 0,
    spentUsd: row?.spent ?? 0,
    expectedUsd: row?.expected ?? 0,
  };
}
