import { deleteLostWorkerSessions } from '../../../db/workers/delete.ts';
import type { Duty } from '../duty.ts';
import type { SweepContext } from './sweep-context.ts';

/** Deletes worker sessions that expired long ago; until then the workers page shows them. */
export const deleteOldSessions: Duty<SweepContext> = {
  name: 'delete-old-sessions',
  everyMs: 0,
  run: ({ pool, times }) => deleteLostWorkerSessions(pool, times.forgetSessionsMs),
};
