import { sql, type Kysely } from 'kysely';

/*
 * A run in which nothing but open waits is left rests: it holds none of its user's turns, and its time limit stands still.
 * Only runs that somebody started are marked, with their parts looked at. A mark is set under the lock of the run, after
 * which no statement that began before can have made anything of it ready; what ends a wait takes it off again.
 */
const statements = [
  `alter table workflow_runs add column rests_since timestamptz`,
  `create index workflow_runs_resting on workflow_runs (id) where rests_since is not null and finished_at is null`,
  `create index waits_resolved on waits (user_id, created_at, id) where kind = 'person' and resolved_at is not null`,

  // Whether nothing is left in a run, and in its parts, but open waits. What waits for parts has unfinished ones.
  `create function run_rests(run uuid) returns boolean language sql stable as $$
     with recursive tree as (
       select run as id
       union all
       select p.id from tree t join workflow_runs p on p.parent_run_id = t.id and p.finished_at is null
     )
     select exists (select from tree t join waits w on w.run_id = t.id and w.resolved_at is null)
        and not exists (
          select from tree t join node_executions a on a.run_id = t.id
            left join waits w on w.node_execution_id = a.id and w.resolved_at is null
           where a.status in ('QUEUED', 'RUNNING')
              or a.status = 'WAITING' and w.id is null and not exists (
                   select from workflow_runs p
                    where p.parent_run_id = t.id and p.parent_execution_id = a.id and p.finished_at is null))
        and not exists (
          select from tree t join workflow_runs p on p.parent_run_id = t.id and p.part_settled = false and p.finished_at is not null)
   $$`,

  // The runs that somebody started, of runs and of parts of runs.
  `create function whole_runs(runs uuid[]) returns uuid[] language sql stable as $$
     with recursive up as (
       select r.id, r.parent_run_id from workflow_runs r where r.id = any (runs)
       union
       select r.id, r.parent_run_id from up join workflow_runs r on r.id = up.parent_run_id
     )
     select coalesce(array_agg(up.id order by up.id), '{}') from up where up.parent_run_id is null
   $$`,

  // Marks those of the runs that rest. Each statement of it sees what was committed before it began.
  `create function rest_runs(runs uuid[]) returns setof uuid language plpgsql as $$
   declare
     whole uuid[] := whole_runs(runs);
   begin
     perform from workflow_runs r where r.id = any (whole) order by r.id for no key update;
     return query
       update workflow_runs r set rests_since = clock_timestamp()
        where r.id = any (whole) and r.status = 'RUNNING' and r.rests_since is null and run_rests(r.id)
       returning r.id;
   end $$`,

  // Takes the mark off those that do not rest any more; the time since then is given back to their limit.
  `create function wake_runs(runs uuid[]) returns setof uuid language plpgsql as $$
   declare
     whole uuid[] := whole_runs(runs);
   begin
     perform from workflow_runs r where r.id = any (whole) order by r.id for no key update;
     return query
       update workflow_runs r set rests_since = null, deadline_at = r.deadline_at + (clock_timestamp() - r.rests_since)
        where r.id = any (whole) and r.finished_at is null and r.rests_since is not null and not run_rests(r.id)
       returning r.id;
   end $$`,

  // As before, but that runs that rest are not counted among those that a user has under way.
  `create or replace function take_run_turns(runs uuid[], owners text[], most_active integer, most_waiting integer)
   returns table (run uuid, turn text) language plpgsql as $$
   declare
     owner text;
     active integer;
     waiting integer;
     barred boolean;
   begin
     -- In one order everywhere, so that two statements never wait for each other.
     for owner in select distinct o from unnest(owners) as o order by o loop
       perform pg_advisory_xact_lock(hashtextextended('heddle-turns ' || owner, 0));
       barred := not exists (
         select from users u where u.id = owner and u.removed_at is null and u.role <> 'viewer');
       select count(*) into waiting from (
         select from workflow_runs r
          where r.user_id = owner and r.finished_at is null and r.admitted_at is null limit greatest(1, most_waiting)) w;
       active := most_active;
       if waiting = 0 then
         select count(*) into active from (
           select from workflow_runs r
            where r.user_id = owner and r.finished_at is null and r.admitted_at is not null
              and r.parent_run_id is null and r.rests_since is null limit most_active) a;
       end if;
       for run in select i.id from unnest(runs, owners) with ordinality as i(id, owned_by, place)
                   where i.owned_by = owner order by i.place loop
         if barred then
           turn := 'barred';
         elsif exists (select from workflow_runs r where r.id = run) then
           turn := 'known';
         elsif active < most_active and waiting = 0 then
           active := active + 1;
           turn := 'admitted';
         elsif waiting < most_waiting then
           waiting := waiting + 1;
           turn := 'waiting';
         else
           turn := 'full';
         end if;
         return next;
       end loop;
     end loop;
   end$$`,
  `create or replace function admit_runs(owners text[], most_active integer) returns setof uuid language plpgsql as $$
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
          where r.user_id = owner and r.finished_at is null and r.admitted_at is not null
            and r.parent_run_id is null and r.rests_since is null limit most_active) a;
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
   end$$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
