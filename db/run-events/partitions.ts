import { statement, type Queryable } from '../statement.ts';

/*
 * run_events is kept in parts by the moment in which a run got its id (UUIDv7): a range of ids each. Beside each other lie
 *
 *   run_events_early   what is left of times long ago,
 *   run_events_<day>   one period each, named by its first day, from the oldest to the one after this,
 *   run_events_late    the time after these, empty,
 *   run_events_apart   ids of no time, and all from before there were parts.
 *
 * So every id has its place, whoever made it and whenever, and a period can be dropped as a whole.
 */

/** A range of ids: from the first, to before the last. */
export interface EventPartition {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** The two ends of the row; in between lie periods. */
export const earlyName = 'run_events_early';
/** Where no period has been made yet. */
export const lateName = 'run_events_late';

const list = statement<EventPartition>(
  'list-event-partitions',
  `select name, ids[1] as "from", ids[2] as "to"
     from (select c.relname as name,
                  regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''(.*)''\\) TO \\(''(.*)''\\)') as ids
             from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'run_events'::regclass) parts
    where ids is not null
    order by ids[1]::uuid`,
);

/** The parts that have a range, oldest first: early, periods, late. */
export function listEventPartitions(on: Queryable): Promise<EventPartition[]> {
  return list(on, []);
}

/** The first id of a moment: ids made before it are smaller. `at`: milliseconds since 1970. */
export function firstIdAt(at: number): string {
  const hex = at.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The moment of a first id, in milliseconds since 1970. */
export function momentOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/**
 * For how long a change of the parts waits for a table, at most: a vacuum gives way after a second. Starts and nodes wait
 * behind it; where somebody reads for longer, the change is made another time.
 */
const lockMs = 2_000;

/** Takes the table for a change of its parts, to the end of the transaction. Throws 55P03 where somebody else has it. */
export async function lockPartitions(on: Queryable): Promise<void> {
  await on.query({ text: `set local lock_timeout = ${lockMs}` });
  await on.query({ text: 'lock table only run_events in access exclusive mode' });
}

/** True where a table was not to be had in time. */
export function isTaken(error: unknown): boolean {
  return ['55P03', '40P01'].includes(String((error as { code?: unknown } | null)?.code));
}
