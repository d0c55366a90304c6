import { knownBrowserAgeMs } from '../../../core/limits.ts';
import { deleteOldKnownBrowsers } from '../../../db/known-browsers/delete.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** Deletes what was kept of browsers whose token has ended there too. */
export const deleteOldBrowsers: Duty<HousekeepContext> = {
  name: 'delete-old-browsers',
  everyMs: 0,
  run: ({ db }) => deleteOldKnownBrowsers(db, knownBrowserAgeMs),
};
