import type { NodeExecutionStatus } from '../../core/run/status.ts';
import { statement, type Queryable } from '../statement.ts';

/** A job that its provider is to be asked about, or told to stop. */
export interface DueJob {
  /** The node execution that waits for it, or did. */
  readonly id: string;
  readonly runId: string;
  readonly userId: string;
  readonly workflowId: number;
  readonly nodeId: string;
  readonly nodeType: string;
  readonly attempt: number;
  readonly status: NodeExecutionStatus;
  readonly job: Readonly<Record<string, unknown>>;
  readonly ageMs: number;
  readonly failedLooks: number;
}

/*
 * take: jobs whose time has come, each by one process; where that dies, they are due again after a minute. What was
 * cancelled is due at once, the first time.
 *
 * Locks   the jobs that nobody else has.
 * Relies  on provider_jobs_open and the primary keys.
 */
const take = statement<DueJob>(
  'take-due-provider-jobs',
  `with due as (
     select p.node_execution_id from provider_jobs p join node_executions n on n.id = p.node_execution_id
      where p.ended_at is null and p.job is not null and n.status not in ('QUEUED', 'RUNNING', 'PENDING')
        and (p.look_at <= clock_timestamp() or n.status = 'CANCELLED' and p.failed_looks = 0)
      order by p.look_at limit $1
        for update of p skip locked
   )
   update provider_jobs p set look_at = clock_timestamp() + interval '1 minute', failed_looks = p.failed_looks + 1
     from due d join node_executions n on n.id = d.node_execution_id join workflow_runs r on r.id = n.run_id
    where p.node_execution_id = d.node_execution_id
   returning n.id, n.run_id as "runId", p.user_id as "userId", r.workflow_id as "workflowId", n.node_id as "nodeId",
             n.node_type as "nodeType", n.attempt, n.status, p.job, p.failed_looks as "failedLooks",
             (extract(epoch from (clock_timestamp() - p.begun_at)) * 1000)::double precision as "ageMs"`,
);

/** Up to `limit` jobs, the longest due first. */
export function takeDueJobs(on: Queryable, limit: number): Promise<DueJob[]> {
  return take(on, [limit]);
}

const again = statement(
  'look-at-provider-job-again',
  `update provider_jobs set look_at = clock_timestamp() + make_interval(secs => $2 / 1000.0),
          failed_looks = case when $3 then 0 else failed_looks end
    where node_execution_id = $1 and ended_at is null`,
);

/** Asks again in `inMs`. `answered`: the provider said how it stands. */
export async function lookAgain(on: Queryable, id: string, inMs: number, answered: boolean): Promise<void> {
  await again(on, [id, inMs, answered]);
}

const end = statement(
  'end-provider-job',
  `update provider_jobs set ended_at = clock_timestamp() where node_execution_id = $1 and ended_at is null`,
);

/** Nothing is left to be asked of the provider. */
export async function endProviderJob(on: Queryable, id: string): Promise<void> {
  await end(on, [id]);
}
