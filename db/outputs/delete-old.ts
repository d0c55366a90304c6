import { statement, type Queryable } from '../statement.ts';

const deleteOutputs = statement<{ key: string }>(
  'delete-old-cached-outputs',
  `delete from output_cache where (user_id, key) in (
     select user_id, key from output_cache where created_at < clock_timestamp() - make_interval(days => $1)
      order by created_at limit $2)
   returning key`,
);

/** Deletes cached outputs that are older than the runs that are kept. */
export async function deleteOldCachedOutputs(on: Queryable, days: number, limit: number): Promise<number> {
  return (await deleteOutputs(on, [days, limit])).length;
}
