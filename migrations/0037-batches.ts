import { sql, type Kysely } from 'kysely';

const statements = [
  // More that starts runs. What is there fits; that is looked at later, when nobody has to wait for it.
  `alter table workflow_runs
     drop constraint workflow_runs_trigger_type_check,
     add constraint workflow_runs_trigger_type_check check (trigger_type in
       ('MANUAL', 'API', 'WEBHOOK', 'SCHEDULE', 'RETRY', 'BATCH', 'WORKFLOW', 'FILE', 'LINK')) not valid`,

  // Many runs of one frozen graph, each with values of its own. bytes: of the values, as stored.
  `create table batches (
     id uuid primary key,
     workflow_id integer not null references workflows (id) on delete cascade,
     user_id varchar(255) not null references users (id) on delete cascade,
     version_id uuid not null references workflow_versions (id),
     published_version integer,
     name varchar(200),
     status varchar(20) not null default 'running' check (status in ('running', 'paused', 'cancelled', 'finished')),
     paused_reason text,
     at_once integer not null check (at_once > 0),
     use_cache boolean,
     total integer not null check (total > 0),
     bytes bigint not null,
     created_at timestamptz not null default now(),
     finished_at timestamptz
   )`,
  `create index batches_workflow on batches (workflow_id, created_at desc, id desc)`,
  `create index batches_user on batches (user_id)`,
  `create index batches_version on batches (version_id)`,
  `create index batches_open on batches (user_id, created_at) where finished_at is null`,

  // A row of a batch. claimed_until: somebody is starting its run until then; retry_of: the run that it goes on from.
  `create table batch_rows (
     batch_id uuid not null references batches (id) on delete cascade,
     number integer not null check (number > 0),
     inputs jsonb not null,
     status varchar(20) not null default 'queued' check (status in ('queued', 'running', 'done', 'failed', 'cancelled')),
     run_id uuid,
     retry_of uuid,
     tries integer not null default 0,
     try_at timestamptz,
     claimed_until timestamptz,
     code varchar(100),
     error text,
     cost_usd double precision,
     duration_ms bigint,
     finished_at timestamptz,
     primary key (batch_id, number),
     check (status <> 'running' or run_id is not null),
     check (claimed_until is null or status = 'running')
   )`,
  `create index batch_rows_queued on batch_rows (batch_id, number) where status = 'queued'`,
  `create index batch_rows_running on batch_rows (batch_id) where status = 'running'`,

  /*
   * Takes rows whose runs may start. Runs of batches leave one of their user's turns to what people start by hand, and
   * none begins while another run of the user waits for its turn. One server looks at a user at a time; others pass on.
   */
  `create function claim_batch_rows(moment timestamptz, most_active integer, most integer, claim_seconds double precision)
   returns table (batch uuid, row_no integer, run uuid) language plpgsql as $$
   declare
     owner text;
     active integer;
     busy integer;
     free integer;
     claimed integer;
     taken integer := 0;
     clock timestamptz := coalesce(moment, clock_timestamp());
   begin
     for owner in
       select o.user_id from (select distinct b.user_id from batches b where b.finished_at is null and b.status = 'running') o
        order by random()
     loop
       exit when taken >= most;
       continue when not pg_try_advisory_xact_lock(hashtextextended('heddle-batches ' || owner, 0));
       continue when exists (
         select from workflow_runs r where r.user_id = owner and r.finished_at is null and r.admitted_at is null);
       select count(*) into active from (
         select from workflow_runs r
          where r.user_id = owner and r.finished_at is null and r.parent_run_id is null and r.rests_since is null
          limit most_active) a;
       -- Of batches: what is under way, and what is being started.
       select count(*) filter (where r.id is not null and r.rests_since is null or r.id is null and w.claimed_until > clock),
              active + count(*) filter (where r.id is null and w.claimed_until > clock)
         into busy, active
         from batches b join batch_rows w on w.batch_id = b.id and w.status = 'running'
         left join workflow_runs r on r.id = w.run_id and r.finished_at is null
        where b.user_id = owner and b.finished_at is null;
       free := least(greatest(1, most_active - 1) - busy, most_active - active, most - taken);
       continue when free < 1;
       return query
         update batch_rows w set
           status = 'running', run_id = coalesce(w.run_id, gen_random_uuid()), tries = w.tries + 1, try_at = null,
           claimed_until = clock + make_interval(secs => claim_seconds)
          from (
            select b.id, c.number from batches b
             cross join lateral (
               select count(*) as busy from batch_rows k where k.batch_id = b.id and k.status = 'running') k
             cross join lateral (
               select q.number, row_number() over (order by q.number) + k.busy as place
                 from batch_rows q
                where q.batch_id = b.id and q.status = 'queued' and (q.try_at is null or q.try_at <= clock)
                order by q.number limit greatest(0, least(free, b.at_once - k.busy))) c
             where b.user_id = owner and b.finished_at is null and b.status = 'running'
             order by c.place, b.created_at, b.id limit free) n
          where w.batch_id = n.id and w.number = n.number and w.status = 'queued'
         returning w.batch_id, w.number, w.run_id;
       get diagnostics claimed = row_count;
       taken := taken + claimed;
     end loop;
   end$$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
