import { Panel } from '@xyflow/react';
import { Download } from 'lucide-react';
import { isRunFinished } from '../../../core/run/status.ts';
import { useRunDownload } from '../../runs/use-run-download.ts';
import { IconButton } from '../../ui/Button.tsx';
import { StatusIcon } from '../../ui/Status.tsx';
import { countOf, formatDuration } from '../../ui/format.ts';
import { Time } from '../../ui/Time.tsx';
import { useRuns } from '../environment.ts';
import { summarize } from '../../live/summarize.ts';

/** How the shown run stands, in one line; opens the runs. */
export function RunSummaryBar({ onOpen }: { onOpen(): void }) {
  const view = useRuns((state) => state.view);
  const { isPacking, download } = useRunDownload();
  if (view === null) return null;
  const { done, total, failed, handled, untaken, reused } = summarize(view);
  const { run } = view;
  const isOver = isRunFinished(run.status);
  const hasOutputs = isOver && Object.values(view.nodes).some(({ execution }) => execution.outputData !== null);
  const tookMs =
    run.startedAt !== null && run.finishedAt !== null ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : null;
  return (
    <Panel position="bottom-center" className="flex items-center gap-1.5">
      <button
        type="button"
        onClick={onOpen}
        data-run-status={run.status}
        className="fade-in flex items-center gap-2.5 overflow-hidden rounded-full border border-line bg-raised py-1 pr-3.5 pl-2.5 text-xs shadow-popup hover:bg-hover"
      >
        <StatusIcon status={run.status} size={15} />
        <span className="font-medium whitespace-nowrap">
          {isOver
            ? `${countOf(done, 'node')} in ${tookMs === null ? '–' : formatDuration(tookMs)}`
            : `${done} of ${total} nodes`}
        </span>
        {reused > 0 && <span className="whitespace-nowrap text-status-cached">{reused} reused</span>}
        {failed > 0 && <span className="whitespace-nowrap text-status-failed">{failed} failed</span>}
        {handled > 0 && <span className="whitespace-nowrap text-muted">{handled} handled</span>}
        {untaken > 0 && <span className="whitespace-nowrap text-faint">{untaken} not taken</span>}
        {isOver ? (
          <Time at={run.finishedAt ?? run.createdAt} className="whitespace-nowrap text-faint" />
        ) : (
          <span aria-hidden className="h-1 w-20 overflow-hidden rounded-full bg-pressed">
            <span
              className="block h-full bg-accent transition-[width] duration-200"
              style={{ width: `${total === 0 ? 0 : (done / total) * 100}%` }}
            />
          </span>
        )}
      </button>
      {hasOutputs && (
        <IconButton
          label={isPacking ? 'Preparing the download …' : 'Download outputs'}
          variant="secondary"
          disabled={isPacking}
          onClick={() => download(run.id)}
          className="fade-in rounded-full! bg-raised shadow-popup"
        >
          <Download size={14} />
        </IconButton>
      )}
    </Panel>
  );
}
