import { CircleStop } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { SharedRun } from '../../core/api/links.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { useApp } from '../api/context.ts';
import { DownloadAll } from '../app-page/DownloadAll.tsx';
import { nothingShown } from '../app-page/empty-words.ts';
import { textOfPieces } from '../live/streamed-text.ts';
import { addressOf } from '../ui/app-address.ts';
import { Button } from '../ui/Button.tsx';
import { countOf, formatDuration } from '../ui/format.ts';
import { StatusIcon } from '../ui/Status.tsx';
import { StreamedText } from '../ui/StreamedText.tsx';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { afterEvent, followedEvents, type FollowedRun } from './follow-shared-run.ts';
import type { SharedApi } from './shared-api.ts';

interface SharedRunProps {
  tools: SharedApi;
  runId: string;
  /** JSON Schema of the results. */
  outputs: Readonly<Record<string, unknown>>;
  /** When the run has ended. */
  onOver(): void;
}

/** One run of a visitor: how far it is in words, and its results as they come. */
export function SharedRunView({ tools, runId, outputs, onOver }: SharedRunProps) {
  const { notify } = useApp();
  const { followed, problem } = useSharedRun(tools, runId, onOver);
  if (followed === null) {
    return problem === null ? (
      <div className="skeleton h-40" />
    ) : (
      <p className="rounded-md bg-danger-soft px-3 py-2 text-danger">{problem}</p>
    );
  }
  const { run, texts } = followed;
  const isOver = isRunFinished(run.status);
  const titles = titlesOf(outputs);
  const names = [...new Set([...Object.keys(titles), ...Object.keys(run.outputs)])];
  const cancel = () => {
    tools
      .cancel(runId)
      .catch((refusal: Error) => notify({ title: 'Not canceled', description: refusal.message, kind: 'error' }));
  };
  return (
    <section aria-label="Results" className="flex min-w-0 flex-col gap-4" data-run-status={run.status}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p role="status" className="flex min-w-0 flex-1 items-center gap-2 font-medium">
          <StatusIcon status={run.status} size={18} />
          <span className="min-w-0 break-words">{sharedProgressWords(run)}</span>
        </p>
        {isOver ? (
          <DownloadAll runId={run.id} outputs={run.outputs} />
        ) : (
          <Button onClick={cancel}>
            <CircleStop size={14} aria-hidden /> Cancel
          </Button>
        )}
      </div>
      {run.error !== null && <p className="rounded-md bg-danger-soft px-3 py-2 break-words text-danger">{run.error}</p>}
      {isOver && run.error === null && names.length === 0 && <p className="text-muted">{nothingShown(false)}</p>}
      {names.map((name) => {
        const title = titles[name] ?? name;
        const written = textOfPieces(texts[name]?.pieces ?? []);
        return (
          <article key={name} aria-label={title} className="min-w-0 rounded-xl border border-line bg-surface p-4">
            <h2 className="mb-2 text-sm font-semibold">{title}</h2>
            {run.outputs[name] !== undefined ? (
              <ValuePreview value={run.outputs[name]} title={title} />
            ) : written !== '' && !isOver ? (
              <StreamedText text={written} />
            ) : isOver ? (
              <p className="text-muted">This run did not give this result.</p>
            ) : (
              <div aria-busy="true" className="skeleton h-24" />
            )}
          </article>
        );
      })}
    </section>
  );
}

/** Follows a run; a connection that breaks is made again by the browser, and begins with the run as it is then. */
function useSharedRun(tools: SharedApi, runId: string, onOver: () => void) {
  const [followed, setFollowed] = useState<FollowedRun | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const atEnd = useRef(onOver);
  useEffect(() => void (atEnd.current = onOver));
  useEffect(() => {
    const source = new EventSource(addressOf(tools.events(runId)));
    for (const type of followedEvents) {
      source.addEventListener(type, ({ data }: MessageEvent<string>) => {
        setFollowed((before) => afterEvent(before, type, JSON.parse(data) as unknown));
        if (type !== 'done') return;
        source.close();
        atEnd.current();
      });
    }
    source.addEventListener('error', () => {
      // One that the server refused is not tried again: it says why to a plain request.
      if (source.readyState !== EventSource.CLOSED) return;
      tools.run(runId).then(
        (run) => setFollowed({ run, texts: {} }),
        (error: Error) => setProblem(error.message),
      );
    });
    return () => source.close();
  }, [tools, runId]);
  return { followed, problem };
}

/** The titles of results by their names. */
function titlesOf(outputs: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const properties = (outputs['properties'] ?? {}) as Readonly<Record<string, { readonly title?: unknown }>>;
  return Object.fromEntries(
    Object.entries(properties).map(([name, { title }]) => [
      name,
      typeof title === 'string' && title !== '' ? title : name,
    ]),
  );
}

/** How a run stands, as one would tell somebody who does not see its graph. */
function sharedProgressWords({ status, startedAt, finishedAt, done, total }: SharedRun): string {
  switch (status) {
    case 'PENDING':
      return 'Waiting for its turn …';
    case 'RUNNING':
      return `Working: ${done} of ${countOf(total, 'step')} done`;
    case 'COMPLETED':
      return startedAt === null || finishedAt === null
        ? 'Done'
        : `Done in ${formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))}`;
    case 'FAILED':
      return 'It did not work';
    case 'CANCELLED':
      return 'Canceled';
  }
}
