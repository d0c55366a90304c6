import type { ReactNode } from 'react';
import type { RunStatus } from '../../core/run/status.ts';
import { cn } from '../ui/cn.ts';
import { StatusIcon, statusLabel } from '../ui/Status.tsx';
import { Time } from '../ui/Time.tsx';

/** What a line says of a run. */
interface OwnRun {
  readonly id: string;
  readonly status: RunStatus;
  readonly createdAt: string;
}

/** Runs of whoever looks, as they are given; a click shows one, or hides the one that is shown. */
export function OwnRuns<Run extends OwnRun>({
  runs,
  shown,
  onShow,
  aside,
  children,
}: {
  runs: readonly Run[];
  shown: string | null;
  onShow(runId: string | null): void;
  /** What stands at the end of a line. */
  aside?: ((run: Run) => ReactNode) | undefined;
  /** Below the list. */
  children?: ReactNode;
}) {
  return (
    <section aria-label="Your runs" className="min-w-0">
      <h2 className="mb-2 text-sm font-semibold">Your runs</h2>
      <ul className="overflow-hidden rounded-xl border border-line bg-surface">
        {runs.map((run) => (
          <li key={run.id} className="border-b border-line last:border-0">
            <button
              type="button"
              aria-pressed={shown === run.id}
              onClick={() => onShow(shown === run.id ? null : run.id)}
              className={cn(
                'flex min-h-11 w-full items-center gap-2.5 px-4 py-2 text-left hover:bg-hover',
                shown === run.id && 'bg-raised',
              )}
            >
              <StatusIcon status={run.status} size={15} />
              <span className="min-w-0 flex-1 truncate">{statusLabel(run.status)}</span>
              <span className="text-xs text-faint">
                <Time at={run.createdAt} />
              </span>
              {aside?.(run)}
            </button>
          </li>
        ))}
      </ul>
      {children}
    </section>
  );
}
