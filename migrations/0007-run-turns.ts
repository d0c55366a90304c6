import { sql, type Kysely } from 'kysely';

/*
 * Turns: each user has so many runs under way, and the others wait for them to
 * end. admitted_at is null while a run waits. Both functions lock per user, and
 * look after they have the lock, so that parallel requests cannot pass a limit
 * together; what they look at is what these two indexes hold.
 */
const statements = [
  `alter table workflow_runs add column admitted_at timestamptz default now()`,
  `drop index workflow_runs_active`,
  `create index workflow_runs_active on workflow_runs (user_id, created_at)
     where finished_at is null and admitted_at is not null`,
  `create index workflow_runs_waiting on workflow_runs (user_id, created_at, id)
     where finished_at is null and admitted_at is null`,

  // What a new run may do: begin ('admitted'), wait ('waiting'), or neither ('full'); 'known' where it is there already.
  `create function take_run_turn(run uuid, owner text, most_active integer, most_waiting integer)
   returns text language plpgsql as $$
   declare
     active integer;
     waiting integer;
   begin
     perform pg_advisory_xact_lock(hashtextextended('heddle-turns ' || owner, 0));
     if exists (select from workflow_runs r where r.id = run) then return 'known'; end if;
     select count(*) into waiting from (
       select from workflow_runs r
        where r.user_id = owner and r.finished_at is null and r.admitted_at is null limit greatest(1, most_waiting)) w;
     if waiting = 0 then
       select count(*) into active from (
         select from workflow_runs r
          where r.user_id = owner and r.finished_at is null and r.admitted_at is not null limit most_active) a;
       if active < most_active then return 'admitted'; end if;
     end if;
     return case when waiting < most_waiting then 'waiting' else 'full' end;
   end $$`,

  // Admits the oldest waiting runs of users up to the limit of each; a run's time begins with its turn.
  `create function admit_runs(owners text[], most_active integer) returns setof uuid language plpgsql as $$
   declare
     owner text;
     free integer;
     moment timestamptz;
   begin
     for owner in select distinct o from unnest(owners) as o order by o loop
       continue when not exists (
         select from workflow_runs r where r.user_id = owner and r.finished_at is null and r.admitted_at is null);
       perform pg_advisory_xact_lock(hashtextextended('heddle-turns ' || owner, 0));
       select most_active - count(*) into free from (
         select from workflow_runs r
          where r.user_id = owner and r.finished_at is null and r.admitted_at is not null limit most_active) a;
       continue when free < 1;
       moment := clock_timestamp();
       return query
         update workflow_runs r set
           admitted_at = moment, deadline_at = moment + (r.deadline_at - r.created_at)
          where r.id in (
            select w.id from workflow_runs w
             where w.user_id = owner and w.finished_at is null and w.admitted_at is null
             order by w.created_at, w.id limit free for no key update skip locked)
         returning r.id;
     end loop;
   end $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
