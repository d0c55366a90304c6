import { sql, type Kysely } from 'kysely';

/*
 * The events of runs are kept by time, in parts that are dropped as a whole. A run's id says when it was made (UUIDv7), so
 * parts are ranges of ids, and events are found by the run as before.
 *
 * This step only prepares: parts for the runs of the future stand beside the table, which takes none of these any more.
 * 0054 puts them together. A version before works on meanwhile: what it writes of a run in the range of the parts goes there.
 */

/** The first id of a moment. Ids of 2020 to 2100 are those of the parts; all others stay in the table that there is. */
function firstIdAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
const first = Date.UTC(2020, 0, 1);
const last = Date.UTC(2100, 0, 1);
const dayMs = 86_400_000;
/** Where events are stored already, only runs of a later time are in parts: the step after this one takes minutes. */
const aheadMs = 7 * dayMs;

export async function up(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql`select from run_events limit 1`.execute(db);
  const from = rows.length === 0 ? first : Math.ceil((Date.now() + aheadMs) / dayMs) * dayMs;
  const [lower, next, upper] = [firstIdAt(from), firstIdAt(from + dayMs), firstIdAt(last)];
  const statements = [
    // As `uuid` makes them in JavaScript: 48 bits of milliseconds, then what is random.
    `create function time_ordered_id() returns uuid language sql volatile as $$
     select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
              placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
              52, 1), 53, 1), 'hex')::uuid
   $$`,
    `do $$ begin
     execute replace(pg_get_functiondef('claim_batch_rows'::regproc), 'gen_random_uuid()', 'time_ordered_id()');
   end $$`,

    `alter table run_events add constraint run_events_apart_ids check (run_id < '${lower}' or run_id >= '${upper}') not valid`,
    `create table run_events_parts (like run_events including defaults,
     constraint run_events_parts_pkey primary key (run_id, seq)) partition by range (run_id)`,
    `create table run_events_early partition of run_events_parts for values from ('${lower}') to ('${next}')`,
    `create table run_events_late partition of run_events_parts for values from ('${next}') to ('${upper}')`,
    `create function put_run_event_into_parts() returns trigger language plpgsql as $$
   begin
     insert into run_events_parts values (new.*);
     return null;
   end $$`,
    `create trigger run_events_parts before insert on run_events for each row
     when (new.run_id >= '${lower}' and new.run_id < '${upper}') execute function put_run_event_into_parts()`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
