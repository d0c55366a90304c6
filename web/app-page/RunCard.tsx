import { CircleStop } from 'lucide-react';
import type { ReactNode } from 'react';
import { isRunFinished, type RunStatus } from '../../core/run/status.ts';
import type { SourceName } from '../../core/run/source-names.ts';
import { useApp } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';
import { StatusIcon } from '../ui/Status.tsx';
import { StreamedText } from '../ui/StreamedText.tsx';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { DownloadAll } from './DownloadAll.tsx';
import { nothingShown } from './empty-words.ts';

/** One result of a run: a finished value, what is being written, or the place where it will be. */
export interface ShownResult {
  readonly name: string;
  readonly title: string;
  /** Undefined: it is not there yet. */
  readonly value: unknown;
  /** What has been written of a text so far; empty: nothing. */
  readonly written: string;
}

/** A run of an app, for those who see its graph and those who do not. */
export function RunCard({
  run,
  words,
  results,
  isChangeable,
  mayEdit,
  findSources,
  onCancel,
}: {
  run: {
    readonly id: string;
    readonly status: RunStatus;
    readonly error: string | null;
    readonly outputs: Readonly<Record<string, unknown>>;
  };
  /** How it stands. */
  words: string;
  results: readonly ShownResult[];
  /** Whether it can be canceled by whoever looks. */
  isChangeable: boolean;
  mayEdit: boolean;
  findSources(): Promise<Readonly<Record<string, SourceName>>>;
  onCancel(): Promise<unknown>;
}) {
  const { notify } = useApp();
  const isOver = isRunFinished(run.status);
  const cancel = () => {
    onCancel().catch((refusal: Error) =>
      notify({ title: 'Not canceled', description: refusal.message, kind: 'error' }),
    );
  };
  return (
    <section aria-label="Results" className="flex min-w-0 flex-col gap-4" data-run-status={run.status}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p role="status" className="flex min-w-0 flex-1 items-center gap-2 font-medium">
          <StatusIcon status={run.status} size={18} />
          <span className="min-w-0 break-words">{words}</span>
        </p>
        {!isOver && isChangeable && (
          <Button onClick={cancel}>
            <CircleStop size={14} aria-hidden /> Cancel
          </Button>
        )}
        {isOver && <DownloadAll runId={run.id} outputs={run.outputs} findSources={findSources} />}
      </div>
      {run.error !== null && <p className="rounded-md bg-danger-soft px-3 py-2 break-words text-danger">{run.error}</p>}
      {isOver && run.error === null && results.length === 0 && <p className="text-muted">{nothingShown(mayEdit)}</p>}
      {results.map((result) => (
        <ResultCard key={result.name} title={result.title}>
          <ResultBody result={result} isOver={isOver} />
        </ResultCard>
      ))}
    </section>
  );
}

function ResultCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <article aria-label={title} className="min-w-0 rounded-xl border border-line bg-surface p-4">
      <h2 className="mb-2 text-sm font-semibold">{title}</h2>
      {children}
    </article>
  );
}

function ResultBody({ result: { title, value, written }, isOver }: { result: ShownResult; isOver: boolean }) {
  if (value !== undefined) return <ValuePreview value={value} title={title} />;
  if (isOver) return <p className="text-muted">This run did not give this result.</p>;
  return written === '' ? <div aria-busy="true" className="skeleton h-24" /> : <StreamedText text={written} />;
}

/** The titles of results by their names, as the JSON schema of them has them. */
export function titlesOf(outputs: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const properties = (outputs['properties'] ?? {}) as Readonly<Record<string, { readonly title?: unknown }>>;
  return Object.fromEntries(
    Object.entries(properties).map(([name, { title }]) => [
      name,
      typeof title === 'string' && title !== '' ? title : name,
    ]),
  );
}
