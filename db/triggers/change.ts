import type { InWorkspace } from '../../core/scope.ts';
import { statement, storableJson, type Queryable } from '../statement.ts';
import { lookBackSeconds } from './collect-ends.ts';
import { columns, type TriggerRow } from './rows.ts';

/** All that can be changed, whether it was or not. */
export interface TriggerChange extends Pick<TriggerRow, 'name' | 'enabled' | 'settings' | 'inputs' | 'nextAt'> {
  /** As it was read; another one since is not overwritten. */
  readonly updatedAt: Date;
}

/*
 * change: writes a trigger as it is to be, where nobody has changed it since it was read.
 *
 * Result  the row; none where it was changed or deleted meanwhile.
 * Locks   the user's row against a change of the role, then the trigger. Fires that wait end with an enabled trigger.
 */
const change = statement<TriggerRow>(
  'change-trigger',
  `with allowed as materialized (
     select u.id from users u where u.id = $2 and u.removed_at is null and u.role <> 'viewer' for no key update
   ),
   t as (
     update triggers t set
       name = $4, enabled = $5, settings = $6::jsonb, inputs = $7::jsonb, next_at = $8,
       -- Whoever turns it on again begins anew.
       failures = case when $5 and not t.enabled then 0 else t.failures end,
       paused_reason = case when $5 then null else t.paused_reason end,
       -- What ended while it was off starts nothing: it is looked back from there.
       looked_until = case when $5 and not t.enabled and t.source_workflow_id is not null
                             then clock_timestamp() + make_interval(secs => ${lookBackSeconds})
                           else t.looked_until end,
       updated_at = greatest(clock_timestamp(), t.updated_at + interval '1 millisecond')
      from allowed a
     where t.id = $1 and t.user_id = a.id and date_trunc('milliseconds', t.updated_at) = $3::timestamptz
     returning t.*
   ),
   ended as (
     update trigger_fires f set status = 'cancelled', try_at = null, reason = 'The trigger was turned off.'
       from t where f.trigger_id = t.id and f.status = 'due' and not t.enabled
   )
   select ${columns} from t`,
);

/** Null where it was changed or deleted meanwhile, or its user may not run anything (any more). */
export async function changeTrigger(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
  to: TriggerChange,
): Promise<TriggerRow | null> {
  const [row] = await change(on, [
    id,
    workspaceId,
    to.updatedAt,
    to.name,
    to.enabled,
    storableJson(JSON.stringify(to.settings)),
    storableJson(JSON.stringify(to.inputs)),
    to.nextAt,
  ]);
  return row ?? null;
}

const remove = statement<{ name: string | null }>(
  'delete-trigger',
  `delete from triggers where id = $1 and user_id = $2 returning name`,
);

/** Removes a trigger with what it tells of; its runs stay. Undefined where the user has none of that id. */
export async function deleteTrigger(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
): Promise<{ readonly name: string | null } | undefined> {
  return (await remove(on, [id, workspaceId]))[0];
}

const changeSecrets = statement<{ id: string }>(
  'change-hook-secrets',
  `update triggers t set sealed = $4, settings = jsonb_set(t.settings, '{hasOldSecret}', to_jsonb($5::boolean)),
          updated_at = greatest(clock_timestamp(), t.updated_at + interval '1 millisecond')
     from users u
    where t.id = $1 and t.user_id = $2 and t.sealed = $3
      and u.id = t.user_id and u.removed_at is null and u.role <> 'viewer'
   returning t.id`,
);

/** Puts other secrets in the place of those that were read. False where they were changed meanwhile, or the user may not. */
export async function changeHookSecrets(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
  change: { readonly from: Buffer; readonly to: Buffer; readonly hasOld: boolean },
): Promise<boolean> {
  return (await changeSecrets(on, [id, workspaceId, change.from, change.to, change.hasOld])).length > 0;
}
