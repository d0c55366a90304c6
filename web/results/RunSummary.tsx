import { Download, UserCheck } from 'lucide-react';
import { listProgress, listProgressWords } from '../../core/run/list-progress.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { useEnvironment, useRuns } from '../canvas/environment.ts';
import { countsInWords, standingOf, summarize } from '../live/summarize.ts';
import { useRunDownload } from '../runs/use-run-download.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { formatDuration } from '../ui/format.ts';
import { StatusIcon } from '../ui/Status.tsx';
import { Time } from '../ui/Time.tsx';
import { useQuestionsOfRun } from '../waits/use-questions-of-run.ts';

interface RunSummaryProps {
  onOpen(): void;
  /** Leads to what the run asks; the node is the one that asks first. */
  onQuestion(nodeId: string): void;
}

/** How the shown run stands, in one line; opens the runs. Where it waits for a person it says so, and leads to the question. */
export function RunSummary({ onOpen, onQuestion }: RunSummaryProps) {
  const view = useRuns((state) => state.view);
  const { mayRun } = useEnvironment();
  const { isPacking, download } = useRunDownload();
  const questions = useQuestionsOfRun();
  if (view === null) return null;
  const counts = summarize(view);
  const { run } = view;
  const { total, open, reused, failed } = counts;
  const isOver = isRunFinished(run.status);
  const executions = Object.values(view.nodes).map(({ execution }) => execution);
  const list = listProgress(executions);
  const hasOutputs = isOver && executions.some(({ outputData }) => outputData !== null);
  const [question] = isOver ? [] : questions;
  const tookMs =
    run.startedAt !== null && run.finishedAt !== null ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : null;
  return (
    <div className="flex min-w-0 items-center">
      <button
        type="button"
        onClick={onOpen}
        title="Show the runs"
        data-run-status={run.status}
        className="flex min-w-0 flex-wrap items-center gap-x-2.5 rounded-md px-2 py-1 text-xs hover:bg-hover"
      >
        <StatusIcon status={standingOf(run, executions)} size={15} />
        {question !== undefined && (
          <span className="font-medium whitespace-nowrap text-status-waiting">
            {mayRun ? 'Waiting for you' : 'Waiting for an answer'}
          </span>
        )}
        <span className={failed > 0 ? 'font-medium text-danger' : 'font-medium'}>
          {isOver
            ? countsInWords(counts)
            : `${total - open} of ${total} nodes${list === null ? '' : `, ${listProgressWords(list)} in the list`}`}
        </span>
        {reused > 0 && <span className="whitespace-nowrap text-status-cached">{reused} reused</span>}
        {isOver ? (
          <span className="whitespace-nowrap text-faint">
            {tookMs !== null && `${formatDuration(tookMs)} · `}
            <Time at={run.finishedAt ?? run.createdAt} />
          </span>
        ) : (
          <span aria-hidden className="h-1 w-20 overflow-hidden rounded-full bg-pressed">
            <span
              // Scaled, not widened: a change of width would lay out and paint every frame of it.
              className="block h-full origin-left bg-accent transition-transform duration-200"
              style={{ transform: `scaleX(${total === 0 ? 0 : (total - open) / total})` }}
            />
          </span>
        )}
      </button>
      {question !== undefined && (
        <Button size="sm" title={question.message} onClick={() => onQuestion(question.nodeId)}>
          <UserCheck size={13} aria-hidden />
          {mayRun ? 'Answer' : 'Show'}
          {questions.length > 1 && ` (${questions.length})`}
        </Button>
      )}
      {hasOutputs && (
        <IconButton
          label={isPacking ? 'Preparing the download …' : 'Download outputs'}
          size="sm"
          disabled={isPacking}
          onClick={() => download(run.id)}
        >
          <Download size={14} />
        </IconButton>
      )}
    </div>
  );
}
