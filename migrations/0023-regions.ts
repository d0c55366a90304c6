import { sql, type Kysely } from 'kysely';

/*
 * A part of a mapped region is a run inside a run: it has the columns below, and a run that somebody started has null in
 * all of them, so that its rows take no more room than before.
 *
 * Lists of runs read indexes that hold parts apart. Those of history and of users keep them, behind the runs, because a
 * deleted workflow or user takes its rows along by them.
 */
const statements = [
  `alter table workflow_runs
     add column parent_run_id uuid references workflow_runs (id) on delete cascade,
     add column parent_execution_id uuid,
     add column part_index integer,
     add column part_key character varying(80),
     add column part_label text,
     add column part_settled boolean,
     add constraint workflow_runs_part_check check (
       num_nulls(parent_run_id, parent_execution_id, part_index, part_key, part_settled) in (0, 5))`,
  `alter table node_executions add column region jsonb`,
  `create table run_regions (
     node_execution_id uuid primary key references node_executions (id) on delete cascade,
     run_id uuid not null,
     shared_key character(64) not null,
     total integer not null check (total >= 0),
     nodes integer not null check (nodes > 0),
     width integer not null check (width > 0),
     most_failed integer,
     next_index integer not null check (next_index between 0 and total),
     unfinished integer not null default 0 check (unfinished >= 0),
     completed integer not null default 0,
     cached integer not null default 0,
     failed integer not null default 0,
     is_closed boolean not null default false,
     changed_at timestamptz not null default clock_timestamp(),
     told_at timestamptz not null default clock_timestamp()
   )`,
  `create index run_regions_open on run_regions (node_execution_id) where not is_closed`,
  `create unique index workflow_runs_parts on workflow_runs (parent_run_id, parent_execution_id, part_index)
     where parent_run_id is not null`,
  `create index workflow_runs_unsettled on workflow_runs (parent_execution_id)
     where part_settled = false and finished_at is not null`,
  `drop index workflow_runs_history`,
  `create index workflow_runs_history on workflow_runs (workflow_id, (parent_run_id is null), created_at desc, id desc)`,
  `drop index workflow_runs_user`,
  `create index workflow_runs_user on workflow_runs (user_id, (parent_run_id is null), created_at desc, id desc)`,
  `drop index workflow_runs_created`,
  `create index workflow_runs_created on workflow_runs (created_at) where parent_run_id is null`,

  // As before, but that parts are not counted among the runs that a user has under way.
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
              and r.parent_run_id is null limit most_active) a;
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
   end $$`,
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
            and r.parent_run_id is null limit most_active) a;
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
