import { deleteOldWebhookMessages } from '../../../db/webhook-messages/delete-old.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** A day: a message is refused when it is five minutes old, and a token lives for one. */
const messageAgeMs = 24 * 60 * 60_000;

/** Deletes what was remembered of webhook messages, and of sessions that ended elsewhere. */
export const deleteOldMessages: Duty<HousekeepContext> = {
  name: 'delete-old-webhook-messages',
  everyMs: 0,
  run: ({ db }) => deleteOldWebhookMessages(db, messageAgeMs),
};
