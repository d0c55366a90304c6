import { deleteOldIdempotencyKeys } from '../../../db/idempotency-keys/delete-old.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** They are good for a day. */
const keyAgeMs = 24 * 60 * 60_000;

/** Deletes idempotency keys that nobody may repeat a request with any more. */
export const deleteOldKeys: Duty<HousekeepContext> = {
  name: 'delete-old-idempotency-keys',
  everyMs: 0,
  run: ({ db }) => deleteOldIdempotencyKeys(db, keyAgeMs),
};
