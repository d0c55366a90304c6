import { deleteOldFires as deleteOld } from '../../../db/triggers/delete-old.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** Deletes what triggers tell of long ago. */
export const deleteOldFires: Duty<HousekeepContext> = {
  name: 'delete-old-fires',
  everyMs: 0,
  run: ({ pool }) => deleteOld(pool),
};
