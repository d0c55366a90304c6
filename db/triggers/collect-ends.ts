import { statement, type Queryable } from '../statement.ts';

/** A run is seen by whoever looks after its commit: no statement takes longer than this. */
export const lookBackSeconds = 30;
/** A trigger is written to so often where there is nothing to start. */
const markSeconds = 10;

/*
 * collect-ends: writes a fire for each run that ended of a workflow that a trigger is about, once.
 *
 * $1: what time it is; null: by the clock of the database.
 * Locks   the triggers that nobody else holds: several servers may do so at once.
 * Relies  on trigger_fires (trigger_id, fire_key), triggers_source and workflow_runs_finished.
 */
const collect = statement<{ fires: number }>(
  'collect-ends',
  `with looked as materialized (
     select t.id, t.source_workflow_id, t.user_id, t.settings -> 'events' as events,
            greatest(t.created_at, coalesce(t.looked_until, t.created_at) - make_interval(secs => ${lookBackSeconds})) as since
       from triggers t where t.source_workflow_id is not null and t.enabled
        for no key update of t skip locked
   ),
   ended as materialized (
     select r.id, r.workflow_id, r.user_id, r.finished_at, lower(r.status) as status
       from workflow_runs r
      where r.finished_at >= (select min(l.since) from looked l) and r.parent_run_id is null
   ),
   written as (
     insert into trigger_fires (id, trigger_id, fire_key, due_at, status, try_at)
     select time_ordered_id(), l.id, 'run ' || e.id, e.finished_at, 'due', coalesce($1::timestamptz, clock_timestamp())
       from looked l join ended e on e.workflow_id = l.source_workflow_id and e.user_id = l.user_id
      where e.finished_at >= l.since and l.events ? e.status
     on conflict (trigger_id, fire_key) do nothing
     returning trigger_id
   ),
   marked as (
     update triggers t set looked_until = clock_timestamp() from looked l
      where t.id = l.id
        and coalesce(t.looked_until, '-infinity') < clock_timestamp() - make_interval(secs => ${markSeconds})
   )
   select count(*)::integer as fires from written`,
);

/** Gives how many fires there are more than before. */
export async function collectEnds(on: Queryable, now: Date | null): Promise<number> {
  return (await collect(on, [now]))[0]!.fires;
}

/** Longer chains are taken for circles. */
export const mostInChain = 10;

const chain = statement<{ length: number }>(
  'length-of-chain',
  `with recursive up as (
     select f.fire_key, 1 as length from trigger_fires f where f.id = $1
     union all
     select f.fire_key, u.length + 1
       from up u join trigger_fires f
         on f.id = case when u.fire_key like 'run %' then substring(u.fire_key from 5)::uuid end
      where u.length <= ${mostInChain}
   )
   select coalesce(max(length), 0)::integer as length from up`,
);

/** How many runs in a row, this fire included, one workflow after another has started; at most one more than are taken. */
export async function lengthOfChain(on: Queryable, fireId: string): Promise<number> {
  return (await chain(on, [fireId]))[0]!.length;
}
