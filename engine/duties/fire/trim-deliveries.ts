import { trimDeliveries as trim } from '../../../db/triggers/delete-old.ts';
import type { Duty } from '../duty.ts';
import type { FireContext } from './fire-context.ts';

/** As often as a webhook at its full rate fills a few hundred megabytes. */
const everyMs = 60_000;

/** Deletes what arrived at webhooks beyond the room that they have. */
export const trimDeliveries: Duty<FireContext> = {
  name: 'trim-deliveries',
  everyMs,
  run: ({ pool }) => trim(pool),
};
