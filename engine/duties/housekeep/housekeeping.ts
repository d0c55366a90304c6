import type pg from 'pg';
import { knownBrowserAgeMs } from '../../../core/limits.ts';
import type { Logger } from '../../../core/node-type/executor.ts';
import type { Db } from '../../../db/client.ts';
import { dropExpiredAssetRoom } from '../../../db/assets/reserve.ts';
import { deleteOldAuditEntries } from '../../../db/audit-log/delete-old.ts';
import { deleteOldIdempotencyKeys } from '../../../db/idempotency-keys/delete-old.ts';
import { forgetRateBuckets } from '../../../db/rate-buckets/delete-old.ts';
import { deleteOldKnownBrowsers } from '../../../db/known-browsers/delete.ts';
import { deleteExpiredSessions } from '../../../db/sessions/delete.ts';
import { deleteOldWebhookMessages } from '../../../db/webhook-messages/delete-old.ts';

/** Idempotency keys are good for a day. */
const idempotencyKeyAgeMs = 24 * 60 * 60_000;
/** A day: a message is refused when it is five minutes old, and a token lives for one. */
const webhookMessageAgeMs = 24 * 60 * 60_000;
/** A year: what an auditor asks for. */
const auditEntryAgeMs = 365 * 24 * 60 * 60_000;
/** The slowest bucket is full again after fifty minutes. */
const rateBucketAgeMs = 60 * 60_000;
/** What is removed here is small and harms nobody for an hour. */
const intervalMs = 60 * 60_000;

/** Removes ended sessions, used links, old idempotency keys, old audit entries and full rate buckets, now and then. Any number of servers may do so. */
export function createHousekeeping({
  db,
  pool,
  logger,
}: {
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly logger: Logger;
}): {
  start(): void;
  stop(): Promise<void>;
} {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();

  async function clean(): Promise<void> {
    await deleteExpiredSessions(db);
    await deleteOldKnownBrowsers(db, knownBrowserAgeMs);
    await dropExpiredAssetRoom(db);
    await deleteOldIdempotencyKeys(db, idempotencyKeyAgeMs);
    await forgetRateBuckets(pool, rateBucketAgeMs);
    await deleteOldWebhookMessages(db, webhookMessageAgeMs);
    await deleteOldAuditEntries(db, auditEntryAgeMs);
  }

  function cleanNow(): void {
    working = working.then(clean).catch((error: unknown) => logger.warn({ err: error }, 'housekeeping failed'));
  }

  return {
    start: () => {
      cleanNow();
      timer = setInterval(cleanNow, intervalMs);
    },
    stop: async () => {
      clearInterval(timer);
      await working;
    },
  };
}
