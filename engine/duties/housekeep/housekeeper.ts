import type { Logger } from '../../../core/node-type/executor.ts';
import { createDutyRunner, type DutyRunner } from '../duty-runner.ts';
import type { Duty } from '../duty.ts';
import { deleteEndedSessions } from './delete-ended-sessions.ts';
import { deleteOldEntries } from './delete-old-audit-entries.ts';
import { trimEntries } from './trim-audit-log.ts';
import { deleteOldKeys } from './delete-old-idempotency-keys.ts';
import { deleteOldMessages } from './delete-old-webhook-messages.ts';
import { deleteOldMessagesOut } from './delete-old-messages-out.ts';
import { deleteOldCalls } from './delete-old-model-calls.ts';
import { deleteOldLinkRuns } from './delete-old-link-runs.ts';
import { deleteOldFires } from './delete-old-fires.ts';
import { deleteOldBrowsers } from './delete-old-browsers.ts';
import { deleteFullBuckets } from './delete-full-buckets.ts';
import { deleteExpiredRoom } from './delete-expired-room.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/*
 * The housekeeper deletes what is small and harms nobody for an hour. Any number
 * of servers may do so at once.
 */

const housekeepDuties: readonly Duty<HousekeepContext>[] = [
  deleteEndedSessions,
  deleteOldBrowsers,
  deleteExpiredRoom,
  deleteOldKeys,
  deleteFullBuckets,
  deleteOldMessages,
  deleteOldFires,
  deleteOldLinkRuns,
  deleteOldMessagesOut,
  deleteOldCalls,
  deleteOldEntries,
  trimEntries,
];

const hourMs = 3_600_000;

/** A housekeeper for one server, which begins at once. */
export function createHousekeeper({ logger, ...context }: HousekeepContext & { readonly logger: Logger }): DutyRunner {
  return createDutyRunner({ name: 'housekeep', duties: housekeepDuties, context, logger, everyMs: hourMs });
}
