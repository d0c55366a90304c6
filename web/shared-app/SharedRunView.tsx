import { useEffect, useRef, useState } from 'react';
import type { SharedRun } from '../../core/api/links.ts';
import { listProgressWords } from '../../core/run/list-progress.ts';
import { RunCard, titlesOf } from '../app-page/RunCard.tsx';
import { textOfPieces } from '../live/streamed-text.ts';
import { addressOf } from '../ui/app-address.ts';
import { countOf, formatDuration } from '../ui/format.ts';
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
  const { followed, problem } = useSharedRun(tools, runId, onOver);
  if (followed === null) {
    return problem === null ? (
      <div className="skeleton h-40" />
    ) : (
      <p className="rounded-md bg-danger-soft px-3 py-2 text-danger">{problem}</p>
    );
  }
  const { run, texts } = followed;
  const titles = titlesOf(outputs);
  const names = [...new Set([...Object.keys(titles), ...Object.keys(run.outputs)])];
  return (
    <RunCard
      run={run}
      words={sharedProgressWords(run)}
      results={names.map((name) => ({
        ...{ name, title: titles[name] ?? name, value: run.outputs[name] },
        written: textOfPieces(texts[name]?.pieces ?? []),
      }))}
      isChangeable
      mayEdit={false}
      findSources={async () => run.sources}
      onCancel={() => tools.cancel(runId)}
    />
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

/** How a run stands, as one would tell somebody who does not see its graph. */
function sharedProgressWords({ status, startedAt, finishedAt, done, total, list }: SharedRun): string {
  switch (status) {
    case 'PENDING':
      return 'Waiting for its turn …';
    case 'RUNNING':
      return `Working: ${done} of ${countOf(total, 'step')} done${list === null ? '' : `, ${listProgressWords(list)} in the list`}`;
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
