import { useInfiniteQuery } from '@tanstack/react-query';
import {
  Download,
  ExternalLink,
  Eye,
  GitCompareArrows,
  History,
  MoreHorizontal,
  Play,
  RotateCcw,
  Trash2,
  X,
} from 'lucide-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { RunSummary } from '../../core/api/runs.ts';
import { isRunFinished, runStatuses } from '../../core/run/status.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { useEnvironment, useRuns, useShownRun } from '../canvas/environment.ts';
import { standingOf } from '../live/summarize.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Menu } from '../ui/Menu.tsx';
import { Select } from '../ui/Select.tsx';
import { StatusIcon, statusLabel } from '../ui/Status.tsx';
import { Time } from '../ui/Time.tsx';
import { durationOf, scopeOf, triggerOf } from './run-words.ts';
import { useRunDownload } from './use-run-download.ts';

/** Whose runs are listed, which one is shown, and what choosing one does. */
export interface RunsPanelProps {
  workflowId: number;
  /** The earlier run that stands in place of the canvas; null while the workflow itself is there. */
  viewedRun: string | null;
  onView(runId: string | null): void;
  /** Shows a run that began just now on the graph that is edited. */
  onFollow(runId: string): void;
  onClose(): void;
}

const everyStatus = 'all';
const statusGroups = [
  {
    options: [
      { value: everyStatus, label: 'All runs' },
      ...runStatuses.map((status) => ({ value: status, label: statusLabel(status) })),
    ],
  },
];

/** Every run of the workflow, newest first; a click shows one on the graph as it was then. */
export function RunsPanel({ workflowId, viewedRun, onView, onFollow, onClose }: RunsPanelProps) {
  const { api, queries, notify } = useApp();
  const { store, mayRun, mayEdit } = useEnvironment();
  const shown = useShownRun();
  // The list tells of runs as a whole; what the one on the canvas waits for is known there.
  const standing = useRuns(({ view }) =>
    view === null
      ? null
      : standingOf(
          view.run,
          Object.values(view.nodes).map(({ execution }) => execution),
        ),
  );
  const { isPacking, download } = useRunDownload();
  const navigate = useNavigate();
  const [compared, setCompared] = useState<readonly string[]>([]);
  const [deleting, setDeleting] = useState<RunSummary | null>(null);
  const [shownStatus, setShownStatus] = useState(everyStatus);
  const runs = useInfiniteQuery({
    queryKey: [...queryKeys.runs(workflowId), shownStatus],
    queryFn: ({ pageParam }) =>
      api.listRuns(workflowId, {
        limit: 30,
        ...(shownStatus !== everyStatus && { status: shownStatus }),
        ...(pageParam !== null && { cursor: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const lookOf = ({ id, status }: RunSummary) =>
    shown?.id === id && status === 'RUNNING' ? (standing ?? status) : status;
  const toggle = (id: string) =>
    setCompared((ids) => (ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id].slice(-2)));
  const fail = (title: string) => (error: Error) => notify({ title, description: error.message, kind: 'error' });
  const remove = (run: RunSummary) => {
    api.deleteRun(run.id).then(() => {
      if (viewedRun === run.id) onView(null);
      void queries.invalidateQueries({ queryKey: queryKeys.runs(workflowId) });
    }, fail('The run could not be deleted'));
  };
  // As from the canvas: what is shown there is saved first, and nothing else runs.
  const runAgain = async (run: RunSummary) => {
    const { runWorkflow, runPart } = store.getState();
    onView(null);
    await (run.mode === 'all' ? runWorkflow() : runPart(run.mode, run.nodeIds ?? []));
  };
  const entriesOf = (run: RunSummary) => {
    const isOver = isRunFinished(run.status);
    return [
      { label: 'Show on canvas', icon: <Eye size={14} />, onSelect: () => onView(run.id) },
      {
        label: 'Open run page',
        icon: <ExternalLink size={14} />,
        onSelect: () => void navigate(`/runs/${run.id}`),
      },
      {
        label: 'Retry failed',
        icon: <RotateCcw size={14} />,
        disabled: !mayRun || !isOver || run.status === 'COMPLETED',
        onSelect: () => void api.retryRun(run.id).then(({ id }) => onFollow(id), fail('The retry could not start')),
      },
      {
        label: 'Run again',
        icon: <Play size={14} />,
        disabled: !mayRun || !isOver,
        onSelect: () => void runAgain(run),
      },
      {
        label: isPacking ? 'Preparing the download …' : 'Download outputs',
        icon: <Download size={14} />,
        disabled: isPacking,
        onSelect: () => download(run.id),
      },
      null,
      {
        label: 'Delete',
        icon: <Trash2 size={14} />,
        isDanger: true,
        disabled: !mayEdit || !isOver,
        onSelect: () => setDeleting(run),
      },
    ];
  };
  return (
    <aside
      aria-label="Runs"
      className="flex w-80 shrink-0 flex-col border-l border-line bg-surface max-sm:fixed max-sm:inset-0 max-sm:top-12 max-sm:z-30 max-sm:w-full"
    >
      <div className="flex h-11 items-center gap-2 border-b border-line pr-2 pl-4">
        <h2 className="flex-1 font-semibold">Runs</h2>
        {compared.length === 0 && (items.length > 1 || shownStatus !== everyStatus) && (
          <Select
            label="Runs to show"
            value={shownStatus}
            groups={statusGroups}
            width="w-32"
            className="h-7 text-xs"
            onChange={setShownStatus}
          />
        )}
        {compared.length === 2 ? (
          <Button size="sm" onClick={() => void navigate(`/runs/${compared[0]}/compare/${compared[1]}`)}>
            <GitCompareArrows size={13} aria-hidden /> Compare
          </Button>
        ) : (
          compared.length === 1 && <span className="text-xs text-faint">Select one more</span>
        )}
        <IconButton label="Hide runs" shortcut="R" onClick={onClose}>
          <X size={16} />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {runs.isPending && [0, 1, 2, 3].map((row) => <div key={row} className="skeleton m-3 h-10" />)}
        {runs.error !== null && (
          <EmptyState
            icon={<History size={20} aria-hidden />}
            title="The runs could not be loaded"
            actions={<Button onClick={() => void runs.refetch()}>Try again</Button>}
          >
            {runs.error.message}
          </EmptyState>
        )}
        {runs.isSuccess &&
          items.length === 0 &&
          (shownStatus === everyStatus ? (
            <EmptyState icon={<History size={20} aria-hidden />} title="No runs yet">
              Press Run. Every run is kept here.
            </EmptyState>
          ) : (
            <EmptyState
              icon={<History size={20} aria-hidden />}
              title="No such runs"
              actions={<Button onClick={() => setShownStatus(everyStatus)}>Show all runs</Button>}
            >
              No run of this workflow has this status.
            </EmptyState>
          ))}
        <ul aria-label="Run history">
          {items.map((run) => {
            const isViewed = viewedRun === run.id;
            return (
              <li
                key={run.id}
                className={cn(
                  'flex items-center gap-0.5 border-b border-l-2 border-line pr-1.5',
                  isViewed ? 'border-l-accent-text bg-raised' : 'border-l-transparent',
                )}
              >
                <button
                  type="button"
                  aria-pressed={isViewed}
                  data-run-id={run.id}
                  onClick={() => onView(isViewed ? null : run.id)}
                  className="flex min-w-0 flex-1 items-start gap-2.5 py-2.5 pr-1 pl-3.5 text-left hover:bg-hover"
                >
                  <span className="mt-0.5">
                    <StatusIcon status={lookOf(run)} size={15} />
                  </span>
                  <span className="min-w-0 flex-1">
                    <span className="flex items-baseline justify-between gap-2">
                      <span className="font-medium">{statusLabel(lookOf(run))}</span>
                      {viewedRun === null && shown?.id === run.id && (
                        <span className="flex-1 text-2xs text-faint">on canvas</span>
                      )}
                      <span className="text-xs text-muted">{durationOf(run, Date.now()) ?? '–'}</span>
                    </span>
                    <span className="block truncate text-xs text-faint">
                      <Time at={run.createdAt} /> · {scopeOf(run)}
                    </span>
                    <span className="block truncate text-xs text-faint">
                      {triggerOf(run)}, {run.startedBy}
                    </span>
                  </span>
                </button>
                {items.length > 1 && (
                  <input
                    type="checkbox"
                    aria-label="Select to compare"
                    title="Select two runs to compare"
                    checked={compared.includes(run.id)}
                    onChange={() => toggle(run.id)}
                    className="size-4 accent-accent"
                  />
                )}
                <Menu
                  trigger={
                    <IconButton label="More for this run" size="sm">
                      <MoreHorizontal size={15} />
                    </IconButton>
                  }
                  entries={entriesOf(run)}
                />
              </li>
            );
          })}
        </ul>
        {runs.hasNextPage && (
          <div className="p-3 text-center">
            <Button size="sm" disabled={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
              Load older runs
            </Button>
          </div>
        )}
      </div>
      <ConfirmDialog
        open={deleting !== null}
        title="Delete this run?"
        description="This removes its history, inputs and outputs. It cannot be undone."
        confirmLabel="Delete run"
        onClose={() => setDeleting(null)}
        onConfirm={() => deleting !== null && remove(deleting)}
      />
    </aside>
  );
}
