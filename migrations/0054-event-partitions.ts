import { setTimeout as sleep } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';

/*
 * The table of events that there is becomes one part of them, beside the parts of later times. Nothing is copied: the
 * table is looked through once, while everybody reads and writes on, and then renamed in some milliseconds.
 */

/** For the moment in which the tables get their names. Somebody who reads for minutes is waited for. */
const pauseMs = 250;
const mostTries = 800;

export async function up(db: Kysely<unknown>): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  const { rows } = await sql<{ lower: string; upper: string }>`
    select min(b.ids[1]) as lower, max(b.ids[2]) as upper
      from (select regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''(.*)''\\) TO \\(''(.*)''\\)') as ids
              from pg_class c where c.oid in ('run_events_early'::regclass, 'run_events_late'::regclass)) b`.execute(
    db,
  );
  const { lower, upper } = rows[0]!;
  // Of runs with random ids, as batches had them, a few lie in the range of the parts.
  await run(
    `with moved as (delete from run_events where run_id >= '${lower}' and run_id < '${upper}' returning *)
     insert into run_events_parts select * from moved`,
  );
  await run(`alter table run_events validate constraint run_events_apart_ids`);
  await lockBoth(run);
  for (const statement of [
    `drop trigger run_events_parts on run_events`,
    `drop function put_run_event_into_parts`,
    `alter table run_events rename to run_events_apart`,
    `alter index run_events_pkey rename to run_events_apart_pkey`,
    `alter table run_events_parts rename to run_events`,
    `alter index run_events_parts_pkey rename to run_events_pkey`,
    `alter table run_events attach partition run_events_apart default`,
    // Whoever deletes runs whose part of the events will be dropped says so: from which id to which, in one setting.
    `create or replace function delete_run_events() returns trigger language plpgsql as $$
     declare
       kept text[] := string_to_array(nullif(current_setting('heddle.events_left', true), ''), ' ');
     begin
       if kept is null then
         delete from run_events e using gone g where e.run_id = g.id;
       else
         delete from run_events e using gone g
          where e.run_id = g.id and not (g.id >= kept[1]::uuid and g.id < kept[2]::uuid);
       end if;
       return null;
     end $$`,
  ])
    await run(statement);
}

/** Tries for half a second at a time: whoever waits behind must not wait longer, and what was looked through stays so. */
async function lockBoth(run: (statement: string) => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await run(`savepoint before_lock`);
    try {
      await run(`lock table run_events, run_events_parts in access exclusive mode`);
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== '55P03' || tries === mostTries) throw error;
      await run(`rollback to savepoint before_lock`);
      await sleep(pauseMs);
    }
  }
}
