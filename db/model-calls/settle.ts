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

const settleEarlier = statement(
  'settle-earlier-model-calls',
  `update model_calls set cost_usd = 0, settled_at = coalesce(settled_at, clock_timestamp())
    where node_execution_id = $1 and attempt < $2 and cost_usd is distinct from 0`,
);

/** Attempts before this one handed in the same job under the same key: it is paid once. */
export async function settleEarlierModelCalls(on: Queryable, executionId: string, attempt: number): Promise<void> {
  await settleEarlier(on, [executionId, attempt]);
}
