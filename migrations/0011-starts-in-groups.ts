import { sql, type Kysely } from 'kysely';

/*
 * Runs are inserted in groups, so their turns are taken in groups too.
 *
 * The events of a run go with it by a trigger and not by a foreign key: the key
 * was checked for every event, and none can be written for a run that is not
 * there, since each is written by a statement that holds the run's row.
 */
const statements = [
  `drop function take_run_turn`,
  // What new runs may do, in their order: begin ('admitted'), wait ('waiting'), or neither ('full'); 'known' where a run is there already.
  `create function take_run_turns(runs uuid[], owners text[], most_active integer, most_waiting integer)
   returns table (run uuid, turn text) language plpgsql as $$
   declare
     owner text;
     active integer;
     waiting integer;
   begin
     -- In one order everywhere, so that two statements never wait for each other.
     for owner in select distinct o from unnest(owners) as o order by o loop
       perform pg_advisory_xact_lock(hashtextextended('heddle-turns ' || owner, 0));
       select count(*) into waiting from (
         select from workflow_runs r
          where r.user_id = owner and r.finished_at is null and r.admitted_at is null limit greatest(1, most_waiting)) w;
       active := most_active;
       if waiting = 0 then
         select count(*) into active from (
           select from workflow_runs r
            where r.user_id = owner and r.finished_at is null and r.admitted_at is not null limit most_active) a;
       end if;
       for run in select i.id from unnest(runs, owners) with ordinality as i(id, owned_by, place)
                   where i.owned_by = owner order by i.place loop
         if exists (select from workflow_runs r where r.id = run) then
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
   end $$`,

  `alter table run_events drop constraint run_events_run_id_fkey`,
  `create function delete_run_events() returns trigger language plpgsql as $$
   begin
     delete from run_events e using gone g where e.run_id = g.id;
     return null;
   end $$`,
  `create trigger workflow_runs_events after delete on workflow_runs
     referencing old table as gone for each statement execute function delete_run_events()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
