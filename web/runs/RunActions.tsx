import { CircleStop, Download, Link2, Play, RotateCcw, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { NodeExecution, RunSummary } from '../../core/api/runs.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { addressOf } from '../ui/app-address.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { copyText } from '../ui/copy-text.ts';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { useMayIn } from '../workspaces/use-workspaces.ts';
import { useRunDownload } from './use-run-download.ts';

interface RunActionsProps {
  run: RunSummary;
  executions: readonly NodeExecution[];
  /** Another run began: a retry, or the same again. */
  onStarted(runId: string): void;
  onDeleted(): void;
  /** What else can be done, before the rest. */
  children?: ReactNode;
}

/** Everything that can be done with a run. */
export function RunActions({ run, executions, onStarted, onDeleted, children }: RunActionsProps) {
  const { api, notify, queries } = useApp();
  const [isDeleting, setIsDeleting] = useState(false);
  const { isPacking, download } = useRunDownload();
  const isOver = isRunFinished(run.status);
  const mayRun = useMayIn(run.workspaceId, 'runner');
  const mayDelete = useMayIn(run.workspaceId, 'editor');
  const fail = (title: string) => (error: Error) => notify({ title, description: error.message, kind: 'error' });
  const runAgain = () => {
    const body = run.mode === 'all' ? { mode: run.mode } : { mode: run.mode, nodeIds: run.nodeIds ?? [] };
    api.startRun(run.workflowId, body).then(({ id }) => onStarted(id), fail('The run could not start'));
  };
  return (
    <div role="toolbar" aria-label="This run" className="flex flex-wrap gap-2">
      {children}
      {!isOver && mayRun && (
        <Button onClick={() => void api.cancelRun(run.id).catch(fail('The run could not be canceled'))}>
          <CircleStop size={14} aria-hidden /> Cancel
        </Button>
      )}
      {isOver && mayRun && run.status !== 'COMPLETED' && (
        <Button
          variant="primary"
          onClick={() => void api.retryRun(run.id).then(({ id }) => onStarted(id), fail('The retry could not start'))}
        >
          <RotateCcw size={14} aria-hidden /> Retry failed
        </Button>
      )}
      {isOver && mayRun && (
        <Button onClick={runAgain}>
          <Play size={14} aria-hidden /> Run again
        </Button>
      )}
      <IconButton
        label="Copy private link"
        variant="secondary"
        onClick={() =>
          void copyText(new URL(addressOf(`/runs/${run.id}`), location.origin).href).then((isCopied) =>
            notify(
              isCopied
                ? {
                    title: 'Link copied',
                    description:
                      'Only members of its workspace can open it. To share results elsewhere, download the outputs and send the file.',
                    kind: 'success',
                  }
                : {
                    title: 'The link could not be copied',
                    description: 'The browser did not allow it. Copy the URL from the run page.',
                    kind: 'error',
                  },
            ),
          )
        }
      >
        <Link2 size={15} />
      </IconButton>
      <IconButton
        label={isPacking ? 'Preparing the download …' : 'Download outputs'}
        variant="secondary"
        disabled={isPacking || executions.every(({ outputData }) => outputData === null)}
        onClick={() => download(run.id)}
      >
        <Download size={15} />
      </IconButton>
      {isOver && mayDelete && (
        <IconButton label="Delete run" variant="secondary" onClick={() => setIsDeleting(true)}>
          <Trash2 size={15} />
        </IconButton>
      )}
      <ConfirmDialog
        open={isDeleting}
        title="Delete this run?"
        description="This removes its history, inputs and outputs. It cannot be undone."
        confirmLabel="Delete run"
        onClose={() => setIsDeleting(false)}
        onConfirm={() => {
          api.deleteRun(run.id).then(() => {
            void queries.invalidateQueries({ queryKey: queryKeys.runs(run.workflowId) });
            onDeleted();
          }, fail('The run could not be deleted'));
        }}
      />
    </div>
  );
}
