import { endFiresOfPaused, settleFires as settle } from '../../../db/triggers/record-fires.ts';
import { tellPaused } from '../../triggers/start-fires.ts';
import type { Duty } from '../duty.ts';
import { batchSize, type FireContext } from './fire-context.ts';

/** Writes down how the runs of triggers have ended, and pauses schedules that fail again and again. */
export const settleFires: Duty<FireContext> = {
  name: 'settle-fires',
  everyMs: 0,
  run: async ({ pool, logger }) => {
    const paused = await settle(pool, batchSize * 10);
    await endFiresOfPaused(pool, paused);
    tellPaused(logger, paused);
  },
};
