import { deleteExpiredAssetRoom } from '../../../db/assets/reserve.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** Deletes reservations of room by uploads that never came to be, because their server died in between. */
export const deleteExpiredRoom: Duty<HousekeepContext> = {
  name: 'delete-expired-room',
  everyMs: 0,
  run: ({ db }) => deleteExpiredAssetRoom(db),
};
