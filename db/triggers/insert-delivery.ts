import { statement, storableJson, type Queryable } from '../statement.ts';

/** A delivery as it is kept. */
export interface Delivery {
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface NewDelivery extends Delivery {
  /** Of the fire, and of its run. */
  readonly id: string;
  readonly triggerId: string;
  /** One fire of the trigger has it. */
  readonly key: string;
  /** `due`: whoever writes it starts its run; others do so where that one does not. */
  readonly status: 'due' | 'refused';
  readonly code: string | null;
  readonly reason: string | null;
  /** Of its run; null where there is none. */
  readonly inputs: Readonly<Record<string, unknown>> | null;
}

/** A delivery that is there. */
export interface KeptDelivery {
  readonly id: string;
  readonly runId: string | null;
  /** It was there before. */
  readonly isKnown: boolean;
  readonly createdAt: Date;
}

/*
 * insert-delivery: keeps a delivery with its fire, claimed by whoever writes it; one with the same key is there once.
 *
 * Result  the fire of that key. None: another one is just being written, and is there when this is asked again.
 */
const insert = statement<KeptDelivery>(
  'insert-delivery',
  `with fire as (
     insert into trigger_fires (id, trigger_id, fire_key, due_at, status, code, reason, inputs, tries, try_at)
     values ($1, $2, $3, clock_timestamp(), $4::text, $5, $6, $7::jsonb, case when $4::text = 'due' then 1 else 0 end,
             case when $4::text = 'due' then clock_timestamp() + interval '30 seconds' end)
     on conflict (trigger_id, fire_key) do nothing
     returning id, trigger_id, created_at
   ),
   delivery as (
     insert into trigger_deliveries (fire_id, trigger_id, query, headers, body)
     select f.id, f.trigger_id, $8::jsonb, $9::jsonb, $10 from fire f
   )
   select f.id, null::uuid as "runId", false as "isKnown", f.created_at as "createdAt" from fire f
   union all
   select f.id, f.run_id as "runId", true as "isKnown", f.created_at as "createdAt"
     from trigger_fires f where f.trigger_id = $2 and f.fire_key = $3`,
);

/** Gives what is there afterwards: this delivery, or an earlier one with its key. */
export async function insertDelivery(on: Queryable, delivery: NewDelivery): Promise<KeptDelivery> {
  for (;;) {
    const [kept] = await insert(on, [
      delivery.id,
      delivery.triggerId,
      delivery.key,
      delivery.status,
      delivery.code,
      delivery.reason?.slice(0, 2_000),
      delivery.inputs === null ? null : storableJson(JSON.stringify(delivery.inputs)),
      storableJson(JSON.stringify(delivery.query)),
      storableJson(JSON.stringify(delivery.headers)),
      delivery.body,
    ]);
    if (kept !== undefined) return kept;
  }
}
