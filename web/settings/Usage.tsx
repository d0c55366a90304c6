import { useQuery } from '@tanstack/react-query';
import { queryKeys, useApp } from '../api/context.ts';
import { formatBytes, formatCost } from '../ui/format.ts';
import { Section } from './Section.tsx';

/** What the account has used: runs and tokens of late, and all its files. */
export function Usage() {
  const { api } = useApp();
  const { data, error, isPending } = useQuery({ queryKey: queryKeys.usage, queryFn: () => api.usage() });
  return (
    <Section title="Usage" description="Runs and tokens are for the last 30 days; files and storage are totals.">
      {error !== null && <p className="text-danger">{error.message}</p>}
      {isPending && <div className="skeleton h-20" />}
      {data !== undefined && (
        <>
          <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
            <Figure name="Runs" value={data.runs.total} note={`${data.runs.failed.toLocaleString()} failed`} />
            <Figure name="Tokens in" value={data.tokens.input} note="sent to models" />
            <Figure
              name="Tokens out"
              value={data.tokens.output}
              note={
                data.tokens.costUsd > 0 ? `about ${formatCost(data.tokens.costUsd)} in total` : 'received from models'
              }
            />
            <Figure
              name="Files"
              value={data.storage.files}
              note={`of ${data.storage.maxFiles.toLocaleString()} at most`}
            />
          </dl>
          <Meter name="Storage" label="Storage in use" {...data.storage} />
          <Meter name="Workflows and runs" label="Workflows and runs in use" {...data.data} />
        </>
      )}
    </Section>
  );
}

function Meter({ name, label, bytes, maxBytes }: { name: string; label: string; bytes: number; maxBytes: number }) {
  return (
    <>
      <div className="mt-4 flex justify-between text-xs text-muted">
        <span>{name}</span>
        <span>
          {formatBytes(bytes)} of {formatBytes(maxBytes)}
        </span>
      </div>
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={maxBytes}
        aria-valuenow={bytes}
        className="mt-1.5 h-1.5 overflow-hidden rounded-full bg-pressed"
      >
        <div
          className="h-full rounded-full bg-accent"
          style={{ width: `${Math.min(100, (bytes / maxBytes) * 100)}%` }}
        />
      </div>
    </>
  );
}

function Figure({ name, value, note }: { name: string; value: number; note: string }) {
  return (
    <div className="rounded-lg border border-line px-3 py-2.5">
      <dt className="text-xs text-muted">{name}</dt>
      <dd>
        <span className="block text-lg font-semibold">{value.toLocaleString()}</span>
        <span className="block text-2xs text-faint">{note}</span>
      </dd>
    </div>
  );
}
