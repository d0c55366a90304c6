import type { NodeExecutionStatus } from '../../core/run/status.ts';
import { statement, type Queryable } from '../statement.ts';

/*
 * keep: what a provider calls a job is stored, whoever has the node execution by now.
 *
 * Relies  on the primary keys.
 */
const keep = statement<{ status: NodeExecutionStatus }>(
  'keep-provider-job',
  `with kept as (
     update provider_jobs p set job = coalesce(p.job, $2::jsonb), look_at = clock_timestamp() + interval '1 minute'
      where p.node_execution_id = $1
     returning p.node_execution_id
   )
   select n.status from kept k join node_executions n on n.id = k.node_execution_id`,
);

/** Gives the state of the node execution; null where that is gone, and with it whoever would look after the job. */
export async function keepProviderJob(
  on: Queryable,
  id: string,
  job: Readonly<Record<string, unknown>>,
): Promise<NodeExecutionStatus | null> {
  return (await keep(on, [id, JSON.stringify(job)]))[0]?.status ?? null;
}
