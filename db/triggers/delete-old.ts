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

export async function deleteOldFires(on: Queryable): Promise<void> {
  await remove(on, []);
}
