import type { NodeExecution } from '../../core/api/runs.ts';
import { shownStatusOf } from '../live/node-status.ts';
import { StatusBadge } from '../ui/Status.tsx';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { formatCost, formatDuration } from '../ui/format.ts';
import { timesOf } from './timeline.ts';

/** One node execution in full: state, times, error, inputs and outputs. */
export function ExecutionDetails({
  execution,
  knownInputs = {},
}: {
  execution: NodeExecution;
  /** Stands in for inputs that the execution itself does not carry. */
  knownInputs?: Readonly<Record<string, unknown>>;
}) {
  const times = timesOf(execution);
  const inputs = execution.inputData ?? knownInputs;
  const facts: [string, string][] = [
    ['Attempt', String(execution.attempt)],
    ['Queued for', times.waitMs === null ? '–' : formatDuration(times.waitMs)],
    ['Ran for', execution.duration === null ? '–' : formatDuration(execution.duration)],
    ['Worker', execution.workerId === null ? '–' : execution.workerId.slice(0, 8)],
  ];
  const { usage } = execution;
  if (usage !== null) {
    facts.push(['Tokens', `${usage.inputTokens.toLocaleString()} in, ${usage.outputTokens.toLocaleString()} out`]);
    if (typeof usage.costUsd === 'number') facts.push(['Cost', `about ${formatCost(usage.costUsd)}`]);
  }
  return (
    <div className="flex flex-col gap-4 p-4">
      <StatusBadge status={shownStatusOf(execution)} />
      {execution.error !== null && (
        <div className="rounded-md bg-danger-soft px-3 py-2 text-xs break-words text-danger">
          {execution.error}
          {execution.errorCode !== null && <code className="mt-1 block text-2xs">{execution.errorCode}</code>}
        </div>
      )}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="truncate text-right">{value}</dd>
          </div>
        ))}
      </dl>
      <Values title="Outputs" values={execution.outputData ?? {}} empty="No output." />
      <Values title="Inputs" values={inputs} empty="No inputs." />
    </div>
  );
}

function Values({ title, values, empty }: { title: string; values: Readonly<Record<string, unknown>>; empty: string }) {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-xs font-semibold text-faint">{title}</h3>
      {entries.length === 0 && <p className="text-xs text-faint">{empty}</p>}
      {entries.map(([handle, value]) => (
        <div key={handle} className="flex flex-col gap-1">
          <span className="text-xs text-muted">{handle}</span>
          <ValuePreview value={value} title={handle} />
        </div>
      ))}
    </section>
  );
}
