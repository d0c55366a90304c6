import { statement, type Queryable } from '../statement.ts';
import { rowBytes } from '../user-data/row-bytes.ts';

const trim = statement<{ key: string }>(
  'trim-cached-outputs',
  `delete from output_cache where user_id = $1 and key in (
     select key from (
       select key, sum(coalesce(pg_column_size(output_data), 0) + ${rowBytes}) over (order by created_at desc, key) as kept
         from output_cache where user_id = $1) c
      where kept > $2)
   returning key`,
);

/** Drops the oldest cached outputs of a user beyond so many bytes. */
export async function trimCachedOutputs(on: Queryable, userId: string, maxBytes: number): Promise<number> {
  return (await trim(on, [userId, maxBytes])).length;
}
