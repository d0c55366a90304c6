import { deleteOldRateBuckets } from '../../../db/rate-buckets/delete-old.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** The slowest bucket is full again after fifty minutes. */
const bucketAgeMs = 60 * 60_000;

/** Deletes rate buckets that are full again, as a new one is. */
export const deleteFullBuckets: Duty<HousekeepContext> = {
  name: 'delete-full-buckets',
  everyMs: 0,
  run: ({ pool }) => deleteOldRateBuckets(pool, bucketAgeMs),
};
