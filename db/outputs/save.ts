import type { NodeOutputs } from '../../core/node-type/values.ts';
import { batchOf, statement, type Queryable } from '../statement.ts';
import type { Maker } from './take.ts';

const save = statement(
  'save-cached-outputs',
  `insert into output_cache as c (user_id, key, output_data, made_by, attempt)
   select i.user_id, i.key, i.outputs, i.made_by, i.attempt
     from jsonb_to_recordset($1::jsonb) as i(user_id text, key text, outputs jsonb, made_by uuid, attempt integer)
    order by i.user_id, i.key
   on conflict (user_id, key) do update
     set output_data = excluded.output_data, made_by = excluded.made_by, attempt = excluded.attempt,
         created_at = clock_timestamp()
   where c.output_data is null`,
);

/** Outputs under the key of what they were made of, and who made them. */
export interface CacheEntry {
  readonly userId: string;
  readonly key: string;
  readonly outputs: NodeOutputs;
  readonly maker: Maker;
}

/** Keeps outputs for later; the first one under a key stays. */
export async function saveCachedOutputs(on: Queryable, entries: readonly CacheEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const unique = new Map(entries.map((entry) => [`${entry.userId} ${entry.key}`, entry]));
  await save(on, [
    batchOf(
      [...unique.values()].map(({ userId, key, outputs, maker }) => ({
        user_id: userId,
        key,
        outputs,
        made_by: maker.id,
        attempt: maker.attempt,
      })),
    ),
  ]);
}
