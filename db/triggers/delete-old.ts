import { statement, type Queryable } from '../statement.ts';

/** A trigger shows its latest; what is older says nothing that its runs do not. */
const keptPerTrigger = 1_000;
const keptDays = 30;

/*
 * Deletes fires that are over: those after the newest of their trigger, and those that are too old.
 *
 * Relies  on trigger_fires_recent.
 */
const remove = statement(
  'delete-old-fires',
  `delete from trigger_fires f using triggers t
    where t.id = f.trigger_id and f.status not in ('due', 'started')
      and (f.due_at < clock_timestamp() - make_interval(days => ${keptDays})
           or f.due_at <= (select o.due_at from trigger_fires o where o.trigger_id = t.id
                           order by o.due_at desc, o.id desc offset ${keptPerTrigger} limit 1))`,
);

/** Fires that are due or started stay. */
export async function deleteOldFires(on: Queryable): Promise<void> {
  await remove(on, []);
}

/** What arrived at a webhook is kept up to this many bytes, so that its latest can be looked at and replayed. */
const keptBytesPerTrigger = 16 * 1024 * 1024;

/*
 * Deletes deliveries beyond the room of their trigger, oldest first; their fires stay.
 *
 * Relies  on trigger_deliveries_recent.
 */
const trim = statement(
  'trim-deliveries',
  `delete from trigger_deliveries d using (
     select s.fire_id from (
       select o.fire_id, sum(octet_length(o.body) + 1000)
                over (partition by o.trigger_id order by o.received_at desc, o.fire_id desc) as total
         from trigger_deliveries o) s
      where s.total > ${keptBytesPerTrigger}) x
   where d.fire_id = x.fire_id`,
);

/** The newest of each trigger stay, up to 16 MiB. */
export async function trimDeliveries(on: Queryable): Promise<void> {
  await trim(on, []);
}
