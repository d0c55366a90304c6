import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { FireStatus, TriggerFire } from '../../core/api/trigger-fires.ts';
import { StatusIcon } from '../ui/Status.tsx';
import { momentWords } from './schedule-words.ts';
import { triggersKey, type TriggerTools } from './use-triggers.ts';

const words: Record<FireStatus, { readonly label: string; readonly look: string }> = {
  due: { label: 'Waiting', look: 'waiting' },
  started: { label: 'Running', look: 'running' },
  completed: { label: 'Completed', look: 'completed' },
  failed: { label: 'Failed', look: 'failed' },
  cancelled: { label: 'Canceled', look: 'cancelled' },
  skipped: { label: 'Left out', look: 'skipped' },
  missed: { label: 'Missed', look: 'skipped' },
  refused: { label: 'Not started', look: 'failed' },
};

/** Between two looks while somebody sees the page. */
const lookEveryMs = 5_000;

/** A moment to the second: of a schedule by the clock of its time zone, else where the reader is. */
export function Moment({ at, timeZone }: { at: string; timeZone?: string | undefined }) {
  return (
    <time dateTime={at} title={at} className="whitespace-nowrap tabular-nums">
      {momentWords(at, { timeZone })}
    </time>
  );
}

/** The last ten times of a trigger, each with what came of it and why. */
export function FireList({
  workflowId,
  triggerId,
  tools,
  empty,
  timeZone,
  actions,
}: {
  workflowId: number;
  triggerId: string;
  tools: TriggerTools;
  empty: string;
  /** Default: where the reader is. */
  timeZone?: string;
  actions?: (fire: TriggerFire) => ReactNode;
}) {
  const { data, error } = useQuery({
    queryKey: [...triggersKey(workflowId), 'fires', triggerId],
    queryFn: () => tools.api.fires(triggerId),
    refetchInterval: lookEveryMs,
  });
  if (error !== null) return <p className="text-xs text-danger">{error.message}</p>;
  if (data === undefined) return <div className="skeleton h-6" />;
  if (data.items.length === 0) return <p className="text-xs text-faint">{empty}</p>;
  return (
    <ul aria-label="Last times" className="flex flex-col text-xs">
      {data.items.map((fire) => (
        <li key={fire.id} className="flex flex-wrap items-center gap-x-2 border-t border-line py-1.5 first:border-t-0">
          <StatusIcon status={words[fire.status].look} size={13} />
          <span className="font-medium">{words[fire.status].label}</span>
          <Moment at={fire.dueAt} timeZone={timeZone} />
          {fire.runId !== null && (
            <Link to={`/runs/${fire.runId}`} className="text-accent-text hover:underline">
              Run
            </Link>
          )}
          <span className="flex-1" />
          {actions?.(fire)}
          {fire.reason !== null && <span className="w-full pl-5 break-words text-muted">{fire.reason}</span>}
        </li>
      ))}
    </ul>
  );
}
