import { deleteOldMessages } from '../../../db/callbacks/messages.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** Deletes what was told of runs long ago. */
export const deleteOldMessagesOut: Duty<HousekeepContext> = {
  name: 'delete-old-messages-out',
  everyMs: 0,
  run: ({ pool }) => deleteOldMessages(pool),
};
