import { statement, type Queryable } from '../statement.ts';

/** Which attempt hands a job in, and for what. */
export interface JobBegin {
  readonly id: string;
  readonly attempt: number;
  readonly userId: string;
  /** Names what is asked for. */
  readonly work: string;
  /** Whether one that is known and came to nothing is replaced. */
  readonly again: boolean;
}

/**
 * - begun: this attempt hands it in.
 * - known: one was begun before; `ageMs` ago, by the clock of the database.
 * - gone: the attempt is not the current one any more.
 */
export type JobBegun =
  { readonly kind: 'begun' } | { readonly kind: 'known'; readonly ageMs: number } | { readonly kind: 'gone' };

/*
 * begin: writes down that an attempt is about to hand a job in; nothing where its node execution has one.
 *
 * Relies  on the primary keys.
 */
const begin = statement<{ begun: boolean; is_current: boolean; age_ms: number | null }>(
  'begin-provider-job',
  `with attempt as materialized (
     select n.id, n.run_id from node_executions n where n.id = $1 and n.attempt = $2 and n.status = 'RUNNING'
   ),
   written as (
     insert into provider_jobs as p (node_execution_id, run_id, user_id, work)
     select a.id, a.run_id, $3, $4 from attempt a
     on conflict (node_execution_id) do update set
       work = excluded.work, begun_at = clock_timestamp(), job = null, ended_at = null
      where $5::boolean and p.job is not null
     returning p.node_execution_id
   )
   select exists (select from written) as begun, exists (select from attempt) as is_current,
          (select (extract(epoch from (clock_timestamp() - p.begun_at)) * 1000)::double precision
             from provider_jobs p where p.node_execution_id = $1) as age_ms`,
);

/** The caller hands the job in only where this says `begun`. */
export async function beginProviderJob(on: Queryable, job: JobBegin): Promise<JobBegun> {
  const [row] = await begin(on, [job.id, job.attempt, job.userId, job.work, job.again]);
  if (row?.begun === true) return { kind: 'begun' };
  return row?.is_current === true ? { kind: 'known', ageMs: row.age_ms ?? 0 } : { kind: 'gone' };
}
