import { claimsOf, type Claim } from '../run-sql/result.ts';
import { statement, type Queryable } from '../statement.ts';

/*
 * What a session has claimed by beginning runs, where the answer was lost with its connection.
 *
 * Relies  on node_executions (run_id, node_id).
 */
const find = statement<{ claims: Claim[] | null }>(
  'find-begun',
  `with claimed as (
    select n.*, r.workflow_id, r.workflow_version_id, r.user_id, r.use_cache
      from workflow_runs r join node_executions n on n.run_id = r.id
     where r.id = any ($1::uuid[]) and r.status = 'RUNNING' and n.run_id = any ($1::uuid[])
       and n.status = 'RUNNING' and n.worker_id = $2 and n.pending_dependencies = 0
  )
  select ${claimsOf('claimed')}`,
);

/** @param isKnown whether this process has an attempt in hand already: that one is not news */
export async function findBegun(
  on: Queryable,
  runIds: readonly string[],
  workerId: string,
  isKnown: (id: string) => boolean,
): Promise<readonly Claim[]> {
  const [row] = await find(on, [runIds, workerId]);
  return (row?.claims ?? []).filter(({ id }) => !isKnown(id));
}
