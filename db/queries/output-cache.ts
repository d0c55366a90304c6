import type { NodeOutputs } from '../../core/node-type/values.ts';
import { batchOf, statement, type Queryable } from '../statement.ts';

const find = statement<{ key: string; outputs: NodeOutputs }>(
  'find-cached-outputs',
  `select c.key, c.output_data as outputs from output_cache c where c.user_id = $1 and c.key = any ($2::char(64)[])`,
);

/** Earlier outputs of a user by cache key. Whether their files still exist is the caller's check. */
export async function findCachedOutput(on: Queryable, userId: string, key: string): Promise<NodeOutputs | null> {
  const [row] = await find(on, [userId, [key]]);
  return row?.outputs ?? null;
}

export interface CachedOutput {
  readonly key: string;
  /** Null where it would have been too much with those before it. */
  readonly outputs: NodeOutputs | null;
  /** Of its JSON. */
  readonly characters: number;
  readonly madeAt: Date;
}

const findMany = statement<CachedOutput>(
  'find-many-cached-outputs',
  `select c.key, c.made_at as "madeAt", c.characters,
          case when sum(c.characters) over (order by c.key) <= $3 then c.output_data end as outputs
     from (select key, created_at as made_at, output_data, length(output_data::text) as characters
             from output_cache where user_id = $1 and key = any ($2::char(64)[])) c`,
);

/** Earlier outputs of a user by cache key, at most so many characters of JSON in all; see `findCachedOutput`. */
export function findCachedOutputs(
  on: Queryable,
  userId: string,
  keys: readonly string[],
  maxCharacters: number,
): Promise<CachedOutput[]> {
  return findMany(on, [userId, keys, maxCharacters]);
}

const save = statement(
  'save-cached-outputs',
  `insert into output_cache (user_id, key, output_data)
   select i.user_id, i.key, i.outputs
     from jsonb_to_recordset($1::jsonb) as i(user_id text, key text, outputs jsonb)
    order by i.user_id, i.key
   on conflict (user_id, key) do nothing`,
);

export interface CacheEntry {
  readonly userId: string;
  readonly key: string;
  readonly outputs: NodeOutputs;
}

/** Keeps outputs for later; the first one under a key stays. */
export async function saveCachedOutputs(on: Queryable, entries: readonly CacheEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const unique = new Map(entries.map((entry) => [`${entry.userId} ${entry.key}`, entry]));
  await save(on, [
    batchOf([...unique.values()].map(({ userId, key, outputs }) => ({ user_id: userId, key, outputs }))),
  ]);
}
