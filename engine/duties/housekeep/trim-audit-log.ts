import { trimAuditLog } from '../../../db/audit-log/trim.ts';
import type { Duty } from '../duty.ts';
import type { HousekeepContext } from './housekeep-context.ts';

/** About a hundred megabytes. */
const mostEntries = 200_000;

/** Keeps the audit log from growing without end within its year. */
export const trimEntries: Duty<HousekeepContext> = {
  name: 'trim-audit-log',
  everyMs: 0,
  run: async ({ db }) => void (await trimAuditLog(db, mostEntries)),
};
