import { sql } from 'kysely';
import type { Db } from '../client.ts';

const lostRight = 'Its owner may no longer run workflows.';

/** Pauses the triggers of a user, and ends what waits of them. `reason`: told beside each; default: their owner lost the right. */
export async function pauseTriggersOf(trx: Db, userId: string, reason: string = lostRight): Promise<void> {
  await sql`update triggers set enabled = false, next_at = null, paused_reason = ${reason}
             where user_id = ${userId} and enabled`.execute(trx);
  await sql`update trigger_fires f set status = 'cancelled', try_at = null, reason = ${reason}
              from triggers t where t.user_id = ${userId} and f.trigger_id = t.id and f.status = 'due'`.execute(trx);
}

/** Pauses what tells other addresses of a user's runs, and ends what waits to be told. */
export async function pauseCallbacksOf(trx: Db, userId: string, reason: string = lostRight): Promise<void> {
  await sql`update workflow_callbacks set enabled = false, paused_reason = ${reason}
             where user_id = ${userId} and enabled`.execute(trx);
  await sql`update callback_messages m set status = 'failed', try_at = null, error = ${reason}
              from workflow_callbacks c where c.user_id = ${userId} and m.callback_id = c.id and m.status = 'due'`.execute(
    trx,
  );
}
