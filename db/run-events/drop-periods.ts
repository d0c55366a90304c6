import type pg from 'pg';
import { statement, type Queryable } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { momentThere, periodMs } from './make-periods.ts';
import {
  earlyName,
  firstIdAt,
  lateName,
  listEventPartitions,
  lockPartitions,
  type EventPartition,
} from './partitions.ts';

const dayMs = 86_400_000;
/** Runs and parts whose events are carried over when a period is dropped, some ten thousand rows; where more are left, it stays. */
const mostLeft = 200;

/*
 * left: runs of a period that still exist, one more than may be carried over at most.
 *
 * Relies  on workflow_runs (id).
 */
const findLeft = statement<{ id: string }>(
  'find-runs-of-period',
  `select id from workflow_runs where id >= $1 and id < $2 order by id limit ${mostLeft + 1}`,
);

/*
 * sweep: events of a period whose runs are gone.
 *
 * Relies  on workflow_runs (id), and on the key of each part, which begins with the run.
 */
const sweep = statement(
  'sweep-events-of-period',
  `delete from run_events e where e.run_id >= $1 and e.run_id < $2 and (e.run_id, e.seq) in (
     select x.run_id, x.seq from run_events x
      where x.run_id >= $1 and x.run_id < $2 and not exists (select from workflow_runs r where r.id = x.run_id)
      limit 10000)`,
);

/** The periods of a list, oldest first, without its two ends. */
function periodsOf(partitions: readonly EventPartition[]): readonly EventPartition[] {
  return partitions.filter(({ name }) => name !== earlyName && name !== lateName);
}

/** Events that stay when their runs are deleted, because their period will be dropped: of ids from one to before another. */
export interface LeftEvents {
  readonly from: string;
  readonly to: string;
}

/**
 * Which events the deletion of runs that are past so many days may leave to the end of their period: those of periods that
 * are past, and of the one that runs are being deleted of now. Null where there is none, and where the oldest should have
 * been dropped a period ago: runs that are not over hold it, and whatever comes after it.
 */
export async function findLeftEvents(on: Queryable, days: number): Promise<LeftEvents | null> {
  const end = (await momentThere(on)) - days * dayMs;
  const [last, overdue] = [firstIdAt(end + periodMs(days)), firstIdAt(end - periodMs(days))];
  const past = periodsOf(await listEventPartitions(on)).filter(({ to }) => to <= last);
  const [oldest] = past;
  return oldest === undefined || oldest.to <= overdue ? null : { from: oldest.from, to: past.at(-1)!.to };
}

/**
 * Drops, from the oldest on, each period in which no run is left, or which is past so many days and has few runs left:
 * their events are carried over. Gives the names of those that were dropped. Starts and nodes wait for it some
 * milliseconds. Throws 55P03 where somebody reads the tables for longer; what was dropped before stays dropped.
 */
export async function dropEventPeriods(pool: pg.Pool, days: number | null): Promise<string[]> {
  const now = await momentThere(pool);
  const past = days === null ? null : firstIdAt(now - days * dayMs);
  const over = firstIdAt(now);
  const dropped: string[] = [];
  for (;;) {
    const [oldest] = periodsOf(await listEventPartitions(pool));
    if (oldest === undefined || oldest.to > over) return dropped;
    const most = past !== null && oldest.to <= past ? mostLeft : 0;
    if ((await findLeft(pool, [oldest.from, oldest.to])).length > most) {
      // What is held for long keeps its own events alone.
      const isOverdue = days !== null && oldest.to <= firstIdAt(now - days * dayMs - periodMs(days));
      if (isOverdue) await sweep(pool, [oldest.from, oldest.to]);
      return dropped;
    }
    if (!(await inTransaction(pool, (on) => dropOldest(on, oldest.name, most)))) return dropped;
    dropped.push(oldest.name);
  }
}

/** The oldest period becomes a piece of the time long ago. False where it is not the oldest any more, or runs were added. */
async function dropOldest(on: Queryable, name: string, most: number): Promise<boolean> {
  await lockPartitions(on);
  const partitions = await listEventPartitions(on);
  const early = partitions.find((partition) => partition.name === earlyName);
  const [oldest] = periodsOf(partitions);
  if (early === undefined || oldest?.name !== name) return false;
  const left = await findLeft(on, [oldest.from, oldest.to]);
  if (left.length > most) return false;
  for (const text of [
    `alter table run_events detach partition run_events_early`,
    `alter table run_events detach partition ${name}`,
    `insert into run_events_early select * from ${name} where run_id in (${left.map(({ id }) => `'${id}'`).join(', ') || 'null'})`,
    `drop table ${name}`,
    `alter table run_events attach partition run_events_early for values from ('${early.from}') to ('${oldest.to}')`,
  ])
    await on.query({ text });
  return true;
}
