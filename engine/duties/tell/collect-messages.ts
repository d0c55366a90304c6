import { collectMessages as collect } from '../../../db/callbacks/messages.ts';
import type { Duty } from '../duty.ts';
import type { TellContext } from './tell-context.ts';

/** Writes down whom to tell of the runs that have ended. */
export const collectMessages: Duty<TellContext> = {
  name: 'collect-messages',
  everyMs: 0,
  run: async ({ pool }) => {
    await collect(pool);
  },
};
