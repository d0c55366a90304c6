import type { AuditEntry } from './audit.ts';

/** What the audit log is exported as. `jsonl`: one JSON object a line, as the list has them; `csv`: a table for people. */
export const auditFileFormats = ['jsonl', 'csv'] as const;
export type AuditFileFormat = (typeof auditFileFormats)[number];

/** The content type of each format. */
export const auditFileTypes: Readonly<Record<AuditFileFormat, string>> = {
  jsonl: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
};

const columns = [
  ['at', (entry) => entry.at],
  ['lastAt', (entry) => entry.lastAt],
  ['count', (entry) => String(entry.count)],
  ['action', (entry) => entry.action],
  ['refused', (entry) => String(entry.refused)],
  ['actorId', (entry) => entry.actor.id],
  ['actorEmail', (entry) => entry.actor.email],
  ['via', (entry) => entry.via],
  ['subjectType', (entry) => entry.subject?.type],
  ['subjectId', (entry) => entry.subject?.id],
  ['subjectName', (entry) => entry.subject?.name],
  ['address', (entry) => entry.address],
  ['requestId', (entry) => entry.requestId],
  ['workspaceId', (entry) => entry.workspaceId],
  ['details', (entry) => JSON.stringify(entry.details)],
  ['id', (entry) => entry.id],
] as const satisfies readonly (readonly [string, (entry: AuditEntry) => string | null | undefined])[];

/** The first line of the file; empty where its format has none. */
export function auditFileHead(format: AuditFileFormat): string {
  return format === 'csv' ? `${columns.map(([name]) => name).join(',')}\r\n` : '';
}

/** One entry as a line of the file, with its end. */
export function auditFileLine(format: AuditFileFormat, entry: AuditEntry): string {
  if (format === 'jsonl') return `${JSON.stringify(entry)}\n`;
  return `${columns.map(([, valueOf]) => cellOf(valueOf(entry) ?? '')).join(',')}\r\n`;
}

/**
 * A cell as RFC 4180 has it. What a spreadsheet would take for a formula gets an apostrophe in front: names in the log are
 * other people's words.
 */
function cellOf(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
