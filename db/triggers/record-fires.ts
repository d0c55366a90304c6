import { failuresUntilPause } from '../../core/api/trigger-fields.ts';
import { statement, storedMessage, type Queryable } from '../statement.ts';

const started = statement(
  'mark-fire-started',
  `update trigger_fires set status = 'started', run_id = id, reason = null, code = null, try_at = null
    where id = $1 and status = 'due'`,
);

/** Its run is there. */
export async function markFireStarted(on: Queryable, id: string): Promise<void> {
  await started(on, [id]);
}

const postponed = statement(
  'postpone-fire',
  `update trigger_fires set code = $2, reason = $3,
          try_at = coalesce($4::timestamptz, clock_timestamp()) + make_interval(secs => $5 / 1000.0)
    where id = $1 and status = 'due'`,
);

/** It is tried again `waitMs` from now; null as `now`: by the clock of the database. */
export async function postponeFire(
  on: Queryable,
  id: string,
  why: { readonly code: string; readonly message: string },
  { now, waitMs }: { readonly now: Date | null; readonly waitMs: number },
): Promise<void> {
  await postponed(on, [id, why.code, storedMessage(why.message), now, waitMs]);
}

/** Writes down the failures in a row of the triggers in `counted`, and pauses schedules that have too many. */
const pauses = `
  update triggers t set
    failures = c.failures,
    enabled = t.enabled and c.failures < ${failuresUntilPause},
    next_at = case when c.failures < ${failuresUntilPause} then t.next_at end,
    paused_reason = case when t.enabled and c.failures >= ${failuresUntilPause}
      then left('Paused after ' || c.failures || ' failures in a row. The last one: ' || coalesce(c.reason, 'unknown'), 2000)
      else t.paused_reason end
   from counted c where t.id = c.id and t.kind in ('schedule', 'workflow', 'file')
  returning t.id, not t.enabled and c.failures >= ${failuresUntilPause} as paused`;

/*
 * refuse-fire: a fire whose run cannot be started. It counts as a failure of a schedule, which may pause it.
 *
 * Result  the trigger, where it is a schedule. Locks the fire, then the trigger.
 */
const refused = statement<{ id: string; paused: boolean }>(
  'refuse-fire',
  `with fire as (
     update trigger_fires set status = 'refused', code = $2, reason = $3, try_at = null
      where id = $1 and status = 'due'
     returning trigger_id
   ),
   counted as materialized (
     select t.id, t.failures + 1 as failures, $3::text as reason from triggers t join fire f on f.trigger_id = t.id
        for no key update of t
   )
   ${pauses}`,
);

/** Gives the triggers that were paused by it. */
export async function refuseFire(
  on: Queryable,
  id: string,
  why: { readonly code: string; readonly message: string },
): Promise<string[]> {
  return pausedOf(await refused(on, [id, why.code, storedMessage(why.message)]));
}

/*
 * settle-fires: how the runs of fires have ended. Failures in a row are counted, which may pause schedules; a run that
 * was cancelled counts neither way.
 *
 * Result  the schedules among the triggers. $1 fires at most.
 * Locks   the fires that nobody else holds, then their triggers in their order.
 * Relies  on trigger_fires_open.
 */
const settled = statement<{ id: string; paused: boolean }>(
  'settle-fires',
  `with open as materialized (
     select f.id, f.trigger_id, r.id as run, r.status, r.error, r.finished_at
       from trigger_fires f left join workflow_runs r on r.id = f.run_id
      where f.status = 'started' and (r.id is null or r.finished_at is not null)
      limit $1
        for no key update of f skip locked
   ),
   ended as (
     update trigger_fires f set
       status = case o.status when 'COMPLETED' then 'completed' when 'FAILED' then 'failed' else 'cancelled' end,
       reason = case when o.run is null then 'The run was deleted.' else left(o.error, 2000) end
      from open o where f.id = o.id
   ),
   counts as materialized (
     select o.trigger_id, max(o.finished_at) filter (where o.status = 'COMPLETED') as completed from open o
      group by o.trigger_id
   ),
   locked as materialized (
     select t.id, t.failures, c.completed from triggers t join counts c on c.trigger_id = t.id
      order by t.id for no key update of t
   ),
   counted as materialized (
     select l.id,
            case when l.completed is null then l.failures else 0 end + (
              select count(*)::integer from open o
               where o.trigger_id = l.id and o.status = 'FAILED'
                 and (l.completed is null or o.finished_at > l.completed)) as failures,
            (select o.error from open o where o.trigger_id = l.id and o.status = 'FAILED'
              order by o.finished_at desc limit 1) as reason
       from locked l
   )
   ${pauses}`,
);

/** Gives the triggers that were paused by it. */
export async function settleFires(on: Queryable, limit: number): Promise<string[]> {
  return pausedOf(await settled(on, [limit]));
}

function pausedOf(rows: readonly { readonly id: string; readonly paused: boolean }[]): string[] {
  return rows.filter(({ paused }) => paused).map(({ id }) => id);
}

const endDue = statement(
  'end-fires-of-paused',
  `update trigger_fires f set status = 'cancelled', try_at = null, reason = 'The trigger was paused.'
     from triggers t
    where t.id = any ($1::uuid[]) and not t.enabled and f.trigger_id = t.id and f.status = 'due'`,
);

/** Ends what waits of triggers that were paused. */
export async function endFiresOfPaused(on: Queryable, triggerIds: readonly string[]): Promise<void> {
  if (triggerIds.length > 0) await endDue(on, [triggerIds]);
}
