import { statement, type Queryable } from '../statement.ts';

const deleteOld = statement(
  'delete-old-rate-buckets',
  `delete from rate_buckets where refilled_at < clock_timestamp() - make_interval(secs => $1 / 1000.0)`,
);

/** Deletes buckets that nobody took from for `ageMs`: they are full again. */
export async function deleteOldRateBuckets(on: Queryable, ageMs: number): Promise<void> {
  await deleteOld(on, [ageMs]);
}
