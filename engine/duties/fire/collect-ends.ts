import { collectEnds as collect } from '../../../db/triggers/collect-ends.ts';
import type { Duty } from '../duty.ts';
import type { FireContext } from './fire-context.ts';

/** Writes down what is to start because runs of other workflows have ended. Any number of servers may do so at once. */
export const collectEnds: Duty<FireContext> = {
  name: 'collect-ends',
  everyMs: 0,
  run: async ({ pool, now }) => {
    await collect(pool, now());
  },
};
