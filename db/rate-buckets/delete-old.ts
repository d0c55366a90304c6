import { statement, type Queryable } from '../statement.ts';

const forget = statement(
  'forget-rate-buckets',
  `delete from rate_buckets where refilled_at < clock_timestamp() - make_interval(secs => $1 / 1000.0)`,
);

/** Removes buckets that nobody took from for `ageMs`: they are full again. */
export async function forgetRateBuckets(on: Queryable, ageMs: number): Promise<void> {
  await forget(on, [ageMs]);
}
