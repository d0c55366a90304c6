import { trimAuditLog } from '../../../db/audit-log/trim.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** About a hundred megabytes. */
const mostEntries = 200_000;

/** Keeps the audit log, within its year, to so many lines. */
export function trimEntriesTo(most: number): Duty<HousekeepContext> {
  return {
    name: 'trim-audit-log',
    everyMs: 0,
    run: async ({ db }) => void (await trimAuditLog(db, most)),
  };
}

/** Keeps the audit log from growing without end. */
export const trimEntries = trimEntriesTo(mostEntries);
