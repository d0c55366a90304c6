import type { TriggerKind } from '../../core/api/triggers.ts';
import { statement, type Queryable } from '../statement.ts';

/** A fire whose run is to be started, by whoever has claimed it. */
export interface ClaimedFire {
  /** Of the run as well. */
  readonly id: string;
  readonly triggerId: string;
  readonly kind: TriggerKind;
  readonly userId: string;
  /** In whose name it starts a run; null: the owner's. */
  readonly actorId: string | null;
  readonly workflowId: number;
  /** Number of the published version that is to run, or `live`. */
  readonly version: number | 'live';
  readonly inputs: Record<string, unknown>;
  /** By the name of an input, what of the run that it follows; null where it follows none. */
  readonly after: { readonly runId: string; readonly mapping: Readonly<Record<string, string>> } | null;
  /** How often it has been tried, this time included. */
  readonly tries: number;
  /** When it was written down. */
  readonly createdAt: Date;
  /** Unfinished runs of the trigger that are to be cancelled first. */
  readonly cancels: readonly string[];
}

/** Others leave a claimed fire alone for so long: a start takes no longer, and one that is done twice makes one run. */
export const claimMs = 30_000;

/*
 * claim-fires: takes fires that are to be started. Of a schedule that is the oldest one, so that they come in their
 * order; whether it overlaps with a run before is decided here, under the lock of the trigger.
 *
 * Result  the fires that are claimed. $1: what time it is; null: by the clock of the database.
 * Locks   the triggers that nobody else holds.
 * Relies  on trigger_fires_open.
 */
const claim = statement<ClaimedFire & { readonly isClaimed: boolean }>(
  'claim-fires',
  `with clock as materialized (select coalesce($1::timestamptz, clock_timestamp()) as now),
   held as materialized (
     select t.id, t.kind, t.user_id, t.created_by, t.workflow_id, t.inputs, t.settings ->> 'overlap' as overlap,
            t.settings -> 'version' as version, t.settings -> 'mapping' as mapping
       from triggers t cross join clock c
      where exists (
        select from trigger_fires f where f.trigger_id = t.id and f.status = 'due' and f.try_at <= c.now)
      limit $2
        for no key update of t skip locked
   ),
   head as materialized (
     select h.id as trigger_id, h.kind, h.user_id, h.created_by, h.workflow_id, h.overlap, h.version, h.mapping, f.fire_key,
            f.id, coalesce(f.inputs, h.inputs) as inputs, f.tries, f.created_at,
            case when h.kind = 'schedule' then
              array(select r.id from trigger_fires o join workflow_runs r on r.id = o.run_id
                     where o.trigger_id = h.id and o.status = 'started' and r.finished_at is null)
            else '{}' end as busy
       from held h cross join clock c
      cross join lateral (
        select o.* from trigger_fires o where o.trigger_id = h.id and o.status = 'due'
         order by o.due_at, o.id limit case when h.kind = 'schedule' then 1 else $2 end) f
      where f.try_at <= c.now
   )
   update trigger_fires f set
     status = case when h.busy <> '{}' and h.overlap = 'skip' then 'skipped' else 'due' end,
     reason = case when h.busy = '{}' or h.overlap = 'cancel' then f.reason
                   when h.overlap = 'skip' then 'The run before was not finished.'
                   else 'It waits for the run before to finish.' end,
     tries = f.tries + case when h.busy = '{}' or h.overlap = 'cancel' then 1 else 0 end,
     -- One that waits is looked at again a second later.
     try_at = case when h.busy = '{}' or h.overlap = 'cancel' then c.now + make_interval(secs => ${claimMs / 1_000})
                   when h.overlap = 'skip' then null
                   else c.now + interval '1 second' end
    from head h cross join clock c
   where f.id = h.id and f.status = 'due'
  returning f.id, h.trigger_id as "triggerId", h.kind, h.user_id as "userId", h.created_by as "actorId",
            h.workflow_id as "workflowId", h.version, h.inputs,
            case when h.kind = 'workflow' then
              jsonb_build_object('runId', substring(h.fire_key from 5), 'mapping', h.mapping) end as after,
            f.tries, f.created_at as "createdAt", h.busy as cancels,
            h.busy = '{}' or h.overlap = 'cancel' as "isClaimed"`,
);

/** What became of the fires that were looked at. */
export interface ClaimedFires {
  readonly claimed: readonly ClaimedFire[];
  /** Whether there may be more to look at. */
  readonly isMore: boolean;
}

/** @param limit triggers at once, and fires of a webhook at once */
export async function claimFires(on: Queryable, now: Date | null, limit: number): Promise<ClaimedFires> {
  const rows = await claim(on, [now, limit]);
  return {
    claimed: rows.filter(({ isClaimed }) => isClaimed).map(({ isClaimed: _claimed, ...fire }) => fire),
    isMore: rows.length > 0,
  };
}
