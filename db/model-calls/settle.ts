import { statement, type Queryable } from '../statement.ts';

const settle = statement(
  'settle-model-call',
  `update model_calls set cost_usd = $2, settled_at = clock_timestamp() where id = $1 and settled_at is null`,
);

/** What a call has cost in US dollars; null where nobody knows: then it counts as what was expected. */
export async function settleModelCall(on: Queryable, id: string, costUsd: number | null): Promise<void> {
  await settle(on, [id, costUsd]);
}

const settleOpen = statement(
  'settle-open-model-calls',
  `update model_calls set cost_usd = $2, settled_at = clock_timestamp()
    where node_execution_id = $1 and settled_at is null`,
);

/** The same for what a node execution handed in, in whatever attempt. */
export async function settleOpenModelCalls(on: Queryable, executionId: string, costUsd: number | null): Promise<void> {
  await settleOpen(on, [executionId, costUsd]);
}

/*
 * Only calls of the job that is being handed in: of the same model, since it was begun. What the node execution called besides, or
 * handed in before in place of which this one came, was paid for.
 *
 * Relies  on model_calls_run and the primary keys.
 */
const settleEarlier = statement(
  'settle-earlier-model-calls',
  `with job as materialized (
     select p.node_execution_id, p.begun_at, whole_runs(array[p.run_id]) as runs
       from provider_jobs p where p.node_execution_id = $1)
   update model_calls m set cost_usd = 0, settled_at = coalesce(m.settled_at, clock_timestamp())
     from job j
    where m.run_id = any (j.runs) and m.node_execution_id = j.node_execution_id and m.attempt < $2
      and m.provider = $3 and m.model = $4 and m.created_at >= j.begun_at and m.cost_usd is distinct from 0`,
);

/** Attempts before this one handed in the same job of the same model under the same key: it is paid once. */
export async function settleEarlierModelCalls(
  on: Queryable,
  { id, attempt }: { readonly id: string; readonly attempt: number },
  { provider, model }: { readonly provider: string; readonly model: string },
): Promise<void> {
  await settleEarlier(on, [id, attempt, provider, model]);
}
