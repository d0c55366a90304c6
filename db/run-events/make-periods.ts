import type pg from 'pg';
import { statement, type Queryable } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import {
  firstIdAt,
  lateName,
  listEventPartitions,
  lockPartitions,
  momentOf,
  type EventPartition,
} from './partitions.ts';

const dayMs = 86_400_000;
/** A period that is past is dropped as a whole: what waits for it is a tenth of what is kept. */
const periodsInRetention = 10;
/** Where runs are kept for ever, or for years. */
const longestDays = 30;

/** Given up earlier, the same would be begun in vain every hour, behind more events each time. */
const longestLookMs = 120_000;

const now = statement<{ at: string }>('moment', 'select extract(epoch from clock_timestamp()) * 1000 as at');

/** Milliseconds since 1970 by the clock of the database. */
export async function momentThere(on: Queryable): Promise<number> {
  return Math.floor(Number((await now(on, []))[0]!.at));
}

/** How long one period is, by for how many days runs are kept; null: for ever. */
export function periodMs(retentionDays: number | null): number {
  const days = Math.ceil((retentionDays ?? Infinity) / periodsInRetention);
  return Math.max(1, Math.min(days, longestDays)) * dayMs;
}

/**
 * Makes the period of now and the one after it, where they are not there. Gives the names of those that were made.
 * Starts and nodes wait for it some milliseconds, or, where no period could be made for so long that events have come
 * without one, until these were looked through once. Throws 55P03 where somebody reads the tables for longer; what was
 * made before stays.
 *
 * @param now milliseconds since 1970. Default: by the clock of the database
 */
export async function makeEventPeriods(
  pool: pg.Pool,
  retentionDays: number | null,
  now: number | null = null,
): Promise<string[]> {
  const length = periodMs(retentionDays);
  const until = (now ?? (await momentThere(pool))) + length;
  const made: string[] = [];
  for (;;) {
    const late = await findLate(pool);
    if (late === undefined || momentOf(late.from) > until) return made;
    // All periods begin where a multiple of their length does, so that days keep their name.
    const beginning = Math.max(momentOf(late.from), until - length);
    const end = firstIdAt((Math.floor(beginning / length) + 1) * length);
    const name = await inTransaction(pool, (on) => cutLate(on, late.from, end));
    if (name !== null) made.push(name);
  }
}

async function findLate(on: Queryable): Promise<EventPartition | undefined> {
  return (await listEventPartitions(on)).find(({ name }) => name === lateName);
}

/** What is late becomes a period up to `end`; the rest of the time is late from then on. Null where another did it first. */
async function cutLate(on: Queryable, start: string, end: string): Promise<string | null> {
  await lockPartitions(on);
  await on.query({ text: `set local statement_timeout = ${longestLookMs}` });
  const late = await findLate(on);
  if (late === undefined || late.from !== start) return null;
  const name = `run_events_${new Date(momentOf(start)).toISOString().slice(0, 10).replaceAll('-', '')}`;
  for (const text of [
    `alter table run_events detach partition run_events_late`,
    `alter table run_events_late rename to ${name}`,
    `alter index run_events_late_pkey rename to ${name}_pkey`,
    `create table run_events_late (like run_events including defaults,
       constraint run_events_late_pkey primary key (run_id, seq))`,
    // Random ids lie everywhere; the programs make none.
    `with later as (delete from ${name} where run_id >= '${end}' returning *) insert into run_events_late select * from later`,
    `alter table run_events attach partition ${name} for values from ('${start}') to ('${end}')`,
    `alter table run_events attach partition run_events_late for values from ('${end}') to ('${late.to}')`,
  ])
    await on.query({ text, query_timeout: longestLookMs } as { text: string });
  return name;
}
