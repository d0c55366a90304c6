import { batchOf, statement, storedMessage, type Queryable } from '../statement.ts';

/** A schedule whose next instant has come. */
export interface DueTrigger {
  readonly id: string;
  /** Of a schedule; see core/api/triggers.ts. */
  readonly settings: unknown;
  readonly nextAt: Date;
  /** What time it is: by the clock of the database, where none was given. */
  readonly now: Date;
}

const due = statement<DueTrigger>(
  'list-due-triggers',
  `select t.id, t.settings, t.next_at as "nextAt", coalesce($1::timestamptz, clock_timestamp()) as now
     from triggers t
    where t.next_at <= coalesce($1::timestamptz, clock_timestamp())
    order by t.next_at
    limit $2`,
);

/** Schedules that are due. Null as `now`: by the clock of the database. */
export function listDueTriggers(on: Queryable, now: Date | null, limit: number): Promise<DueTrigger[]> {
  return due(on, [now, limit]);
}

/** What becomes of a trigger that is due. */
export interface TakenTrigger {
  readonly id: string;
  /** The instant that it was due for; where it is due for another one by now, somebody else has taken it. */
  readonly takenAt: Date;
  /** Null: never again. */
  readonly nextAt: Date | null;
  readonly fires: readonly NewFire[];
}

/** A time at which a trigger was due, or a reason why it was passed over. */
export interface NewFire {
  /** Of the fire, and of its run. */
  readonly id: string;
  /** One fire of a trigger has it. */
  readonly key: string;
  readonly dueAt: Date;
  /** `missed`: nothing is started for it, which `reason` explains. */
  readonly status: 'due' | 'missed';
  readonly reason: string | null;
}

/*
 * take-due: writes what is due of schedules, and when each is due next, in one statement: any number of servers may do so
 * at once. One of them finds the instant that it has read; a second one touches nothing.
 *
 * Result  the triggers that were taken.
 * Locks   the triggers that nobody else holds.
 * Relies  on trigger_fires (trigger_id, fire_key): an instant has one fire, whatever the next one was set to meanwhile.
 */
const take = statement<{ id: string }>(
  'take-due-triggers',
  `with input as materialized (
     select i.* from jsonb_to_recordset($1::jsonb) as i(id uuid, "takenAt" timestamptz, "nextAt" timestamptz, fires jsonb)
   ),
   taken as materialized (
     select t.id, i."nextAt", i.fires from triggers t join input i on i.id = t.id
      where t.next_at = i."takenAt"
      order by t.id
        for no key update of t skip locked
   ),
   fires as (
     insert into trigger_fires (id, trigger_id, fire_key, due_at, status, reason, try_at)
     select f.id, t.id, f.key, f."dueAt", f.status, f.reason, case when f.status = 'due' then f."dueAt" end
       from taken t cross join lateral jsonb_to_recordset(t.fires) as f(
         id uuid, key text, "dueAt" timestamptz, status text, reason text)
     on conflict (trigger_id, fire_key) do nothing
   )
   update triggers t set next_at = k."nextAt" from taken k where t.id = k.id returning t.id`,
);

/** Gives the ids of those that were taken; another process was faster with the others. */
export async function takeDueTriggers(on: Queryable, taken: readonly TakenTrigger[]): Promise<string[]> {
  return (await take(on, [batchOf(taken)])).map(({ id }) => id);
}

const pause = statement(
  'pause-unreadable-trigger',
  `update triggers set enabled = false, next_at = null, paused_reason = $2 where id = $1 and enabled`,
);

/** Turns a schedule off that cannot be read (any more), and says why. */
export async function pauseTrigger(on: Queryable, id: string, reason: string): Promise<void> {
  await pause(on, [id, storedMessage(reason)]);
}
