import { statement, type Queryable } from '../statement.ts';

/** A job that was handed in for a node execution. */
export interface FoundJob {
  readonly job: Readonly<Record<string, unknown>>;
  /** Milliseconds since it was handed in, by the clock of the database. */
  readonly ageMs: number;
  /** Whether another node execution handed it in. */
  readonly isTakenOver: boolean;
}

const own = statement<FoundJob>(
  'find-provider-job',
  `select p.job, (extract(epoch from (clock_timestamp() - p.begun_at)) * 1000)::double precision as "ageMs",
          false as "isTakenOver"
     from provider_jobs p where p.node_execution_id = $1 and p.job is not null`,
);

/*
 * take over: a node execution gets the job that a failed one of the same user handed in for the same work; it was paid
 * for, and nobody has what came of it. Providers keep results for a day or two.
 *
 * Relies  on provider_jobs_work and the primary keys.
 */
const takeOver = statement<FoundJob>(
  'take-over-provider-job',
  `with found as (
     select p.node_execution_id from provider_jobs p join node_executions n on n.id = p.node_execution_id
      where p.user_id = $2 and p.work = $3 and p.job is not null and n.status = 'FAILED'
        and p.begun_at > clock_timestamp() - interval '1 day'
        and not exists (select from provider_jobs o where o.node_execution_id = $1)
      order by p.begun_at desc limit 1
        for update of p skip locked
   )
   update provider_jobs p set node_execution_id = n.id, run_id = n.run_id, ended_at = null, failed_looks = 0
     from found f, node_executions n
    where p.node_execution_id = f.node_execution_id and n.id = $1 and n.attempt = $4 and n.status = 'RUNNING'
   returning p.job, (extract(epoch from (clock_timestamp() - p.begun_at)) * 1000)::double precision as "ageMs",
             true as "isTakenOver"`,
);

/** The job of a node execution, or else one that a failed one left; null where there is none. */
export async function findProviderJob(
  on: Queryable,
  {
    id,
    attempt,
    userId,
    work,
  }: { readonly id: string; readonly attempt: number; readonly userId: string; readonly work: string },
): Promise<FoundJob | null> {
  const [found] = await own(on, [id]);
  return found ?? (await takeOver(on, [id, userId, work, attempt]))[0] ?? null;
}
