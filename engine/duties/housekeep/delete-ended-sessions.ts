import { deleteExpiredSessions } from '../../../db/sessions/delete.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** Deletes sessions that are over, and links that were used or ran out. */
export const deleteEndedSessions: Duty<HousekeepContext> = {
  name: 'delete-ended-sessions',
  everyMs: 0,
  run: ({ db }) => deleteExpiredSessions(db),
};
