import { deleteOldLinkRuns as deleteOld } from '../../../db/links/visitor-runs.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** Forgets whose runs by links were that are not there any more. */
export const deleteOldLinkRuns: Duty<HousekeepContext> = {
  name: 'delete-old-link-runs',
  everyMs: 0,
  run: ({ pool }) => deleteOld(pool),
};
