import type { TriggerFire } from '../../core/api/trigger-fires.ts';
import type { InWorkspace } from '../../core/scope.ts';
import { statement, type Queryable } from '../statement.ts';
import type { Delivery } from './insert-delivery.ts';

interface Row extends Omit<TriggerFire, 'dueAt'> {
  readonly triggerId: string;
  readonly dueAt: Date;
  readonly receivedAt: Date | null;
  readonly query: Delivery['query'] | null;
  readonly headers: Delivery['headers'] | null;
  readonly body: Buffer | null;
}

/** A fire of a user's trigger, with what it came from where that was a delivery that is still kept. */
export interface FoundFire extends TriggerFire {
  readonly triggerId: string;
  readonly delivery: (Delivery & { readonly receivedAt: Date }) | null;
}

const find = statement<Row>(
  'find-fire',
  `select f.id, f.trigger_id as "triggerId", f.due_at as "dueAt", f.status, f.code, f.reason, f.run_id as "runId",
          d.received_at as "receivedAt", d.query, d.headers, d.body
     from trigger_fires f join triggers t on t.id = f.trigger_id left join trigger_deliveries d on d.fire_id = f.id
    where f.id = $1 and t.user_id = $2`,
);

/** Null where the user has none of that id. */
export async function findFire(on: Queryable, { workspaceId }: InWorkspace, id: string): Promise<FoundFire | null> {
  const [row] = await find(on, [id, workspaceId]);
  if (row === undefined) return null;
  const { receivedAt, query, headers, body, dueAt, ...fire } = row;
  return {
    ...fire,
    dueAt: dueAt.toISOString(),
    delivery: receivedAt === null ? null : { receivedAt, query: query!, headers: headers!, body: body! },
  };
}
