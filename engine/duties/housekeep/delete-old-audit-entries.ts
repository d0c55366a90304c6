import { deleteOldAuditEntries } from '../../../db/audit-log/delete-old.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** A year: what an auditor asks for. */
const entryAgeMs = 365 * 24 * 60 * 60_000;

/** Deletes entries of the audit log that nobody asks for any more. */
export const deleteOldEntries: Duty<HousekeepContext> = {
  name: 'delete-old-audit-entries',
  everyMs: 0,
  run: ({ db }) => deleteOldAuditEntries(db, entryAgeMs),
};
