import type { RunSummary } from '../../core/api/runs.ts';
import { countOf, formatDuration } from '../ui/format.ts';

const triggers: Record<RunSummary['triggerType'], string> = {
  MANUAL: 'manual',
  API: 'API',
  WEBHOOK: 'webhook',
  SCHEDULE: 'schedule',
  RETRY: 'retry',
  BATCH: 'batch',
  WORKFLOW: 'another workflow',
  FILE: 'a new file',
  LINK: 'a shared link',
};

const modes: Record<RunSummary['mode'], (count: number) => string> = {
  all: () => 'whole workflow',
  selected: (count) => countOf(count, 'selected node'),
  from: (count) => (count === 1 ? 'from one node' : `from ${count} nodes`),
  to: (count) => (count === 1 ? 'up to one node' : `up to ${count} nodes`),
};

/** What started the run, as it stands within a sentence: `manual`, `webhook`. */
export function triggerOf(run: RunSummary): string {
  return triggers[run.triggerType];
}

/** Which part of the workflow was asked for. */
export function scopeOf(run: RunSummary): string {
  return modes[run.mode](run.nodeIds?.length ?? 0);
}

/** From start to end, or to `nowMs` while it runs; null before the start. */
export function durationOf(run: RunSummary, nowMs: number): string | null {
  if (run.startedAt === null) return null;
  const end = run.finishedAt === null ? nowMs : Date.parse(run.finishedAt);
  return formatDuration(Math.max(0, end - Date.parse(run.startedAt)));
}
