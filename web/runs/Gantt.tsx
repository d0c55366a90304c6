import type { NodeExecution } from '../../core/api/runs.ts';
import { shownStatusOf } from '../live/node-status.ts';
import { StatusIcon } from '../ui/Status.tsx';
import { formatDuration } from '../ui/format.ts';
import { timelineOf, timesOf } from './timeline.ts';

interface GanttProps {
  executions: readonly NodeExecution[];
  nowMs: number;
  selectedId: string | null;
  onSelect(execution: NodeExecution): void;
}

/** Of statuses that have no color of their own. */
const colors: Readonly<Record<string, string>> = { pending: 'queued', untaken: 'skipped', handled: 'failed' };

/** Bars of node executions: a hatched part for the wait in the queue, a full part for the work. */
export function Gantt({ executions, nowMs, selectedId, onSelect }: GanttProps) {
  const { spanMs, bars } = timelineOf(executions, nowMs);
  if (bars.length === 0) return <p className="p-4 text-muted">Nothing has started yet.</p>;
  return (
    <div className="flex flex-col p-2 text-xs">
      <div aria-hidden className="flex justify-between pr-1 pb-1 pl-40 text-2xs text-faint max-sm:pl-28">
        <span>0</span>
        <span>{formatDuration(spanMs / 2)}</span>
        <span>{formatDuration(spanMs)}</span>
      </div>
      {bars.map(({ execution, queued, started, finished }) => {
        const { waitMs } = timesOf(execution);
        const status = shownStatusOf(execution);
        const name = execution.nodeLabel ?? execution.nodeId;
        const facts = [
          waitMs === null ? null : `waited ${formatDuration(waitMs)}`,
          execution.duration === null ? null : `ran ${formatDuration(execution.duration)}`,
          execution.attempt > 1 ? `attempt ${execution.attempt}` : null,
        ].filter(Boolean);
        return (
          <button
            key={execution.id}
            type="button"
            title={`${name}: ${facts.join(', ')}`}
            aria-pressed={selectedId === execution.id}
            onClick={() => onSelect(execution)}
            className="flex h-7 items-center gap-2 rounded-md px-1 text-left hover:bg-hover aria-pressed:bg-hover"
          >
            <span className="flex w-38 shrink-0 items-center gap-1.5 max-sm:w-26">
              <StatusIcon status={status} size={13} />
              <span className="truncate">{name}</span>
            </span>
            <span className="relative h-3.5 flex-1 rounded-sm bg-raised">
              <span
                className="gantt-wait absolute inset-y-0 rounded-l-sm"
                style={{ left: `${queued * 100}%`, width: `${(started - queued) * 100}%` }}
              />
              <span
                className="absolute inset-y-0 min-w-0.5 rounded-sm"
                style={{
                  left: `${started * 100}%`,
                  width: `${(finished - started) * 100}%`,
                  background: `var(--status-${colors[status] ?? status})`,
                }}
              />
            </span>
          </button>
        );
      })}
      <p className="flex items-center gap-4 px-1 pt-2 text-2xs text-faint">
        <span className="flex items-center gap-1.5">
          <span aria-hidden className="gantt-wait h-2.5 w-4 rounded-sm" /> queued
        </span>
        <span className="flex items-center gap-1.5">
          <span aria-hidden className="h-2.5 w-4 rounded-sm bg-status-completed" /> running
        </span>
      </p>
    </div>
  );
}
