import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { CircleStop, Download, Pause, Play, RotateCcw, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import type { Batch, BatchRow, BatchRowStatus } from '../../core/api/batches.ts';
import { useApp } from '../api/context.ts';
import { loadFile } from '../api/load-file.ts';
import { Section } from '../settings/Section.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { formatCost, formatDuration } from '../ui/format.ts';
import { Select } from '../ui/Select.tsx';
import { StatusIcon } from '../ui/Status.tsx';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { saveFile } from '../workflows/export-workflow.ts';
import { progressOf, statusOf } from './batch-words.ts';
import { askAgainMs, batchesKey, batchKey, type BatchAct, type BatchesApi } from './batches-api.ts';
import { messageOf } from '../ui/message-of.ts';

interface ViewProps {
  readonly id: string;
  readonly tools: BatchesApi;
  readonly canChange: boolean;
  onDeleted(): void;
}

/** One batch: how far it is, what can be done with it, and its rows. */
export function BatchView({ id, tools, canChange, onDeleted }: ViewProps) {
  const { data: batch, error } = useQuery({
    queryKey: [...batchKey(id), 'batch'],
    queryFn: () => tools.read(id),
    retry: false,
    refetchInterval: ({ state }) => (state.data !== undefined && state.data.finishedAt === null ? askAgainMs : false),
  });
  if (error !== null) return <p className="rounded-md bg-danger-soft px-3 py-2 text-danger">{error.message}</p>;
  if (batch === undefined) return <div role="status" aria-label="Loading" className="skeleton h-48" />;
  return (
    <Section title={batch.name ?? 'Batch'} description={`Started by ${batch.startedBy}`}>
      <div data-batch-status={batch.status}>
        <p role="status" className="flex items-center gap-2 font-medium">
          <StatusIcon status={statusOf(batch)} size={18} />
          <span className="min-w-0 break-words">{progressOf(batch)}</span>
        </p>
        <Progress batch={batch} />
        {batch.pausedReason !== null && (
          <p role="alert" className="mt-2 rounded-md bg-danger-soft px-3 py-2 text-xs text-danger">
            {batch.pausedReason}
          </p>
        )}
        <Acts batch={batch} tools={tools} canChange={canChange} onDeleted={onDeleted} />
        <Rows batch={batch} tools={tools} />
      </div>
    </Section>
  );
}

function Progress({ batch: { done, failed, cancelled, running, total } }: { batch: Batch }) {
  const over = done + failed + cancelled;
  const share = (count: number) => ({ width: `${(100 * count) / total}%` });
  return (
    <div
      role="progressbar"
      aria-label="Rows that are over"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={over}
      className="mt-3 flex h-2 overflow-hidden rounded-full bg-field"
    >
      <span className="bg-status-completed" style={share(done)} />
      <span className="bg-status-failed" style={share(failed)} />
      <span className="bg-status-cancelled" style={share(cancelled)} />
      <span className="bg-status-running opacity-60" style={share(running)} />
    </div>
  );
}

function Acts({ batch, tools, canChange, onDeleted }: Omit<ViewProps, 'id'> & { batch: Batch }) {
  const { queries, notify } = useApp();
  const [isBusy, setIsBusy] = useState(false);
  const [asks, setAsks] = useState<'cancel' | 'delete' | null>(null);
  const { id, status, failed, cancelled, finishedAt } = batch;
  const isOver = finishedAt !== null;
  const attempt = async (work: () => Promise<unknown>, failure: string) => {
    setIsBusy(true);
    try {
      await work();
      await queries.invalidateQueries({ queryKey: batchKey(id) });
      void queries.invalidateQueries({ queryKey: batchesKey(batch.workflowId) });
    } catch (error) {
      notify({ title: failure, description: messageOf(error), kind: 'error' });
    } finally {
      setIsBusy(false);
    }
  };
  const act = (name: BatchAct, body: object = {}) =>
    void attempt(() => tools.act(id, name, body), 'The batch was not changed');
  const save = (format: 'csv' | 'zip') =>
    void attempt(async () => {
      const content = await loadFile(`/api/batches/${id}/export?format=${format}`);
      saveFile(`${(batch.name ?? 'batch').replace(/\.[a-z]+$/i, '')}.${format}`, content);
    }, 'The results could not be saved');
  return (
    <div className="mt-3 flex flex-wrap gap-2">
      {canChange && status === 'running' && !isOver && (
        <Button disabled={isBusy} onClick={() => act('pause')}>
          <Pause size={14} aria-hidden /> Pause
        </Button>
      )}
      {canChange && status === 'paused' && (
        <Button variant="primary" disabled={isBusy} onClick={() => act('resume')}>
          <Play size={14} aria-hidden /> Resume
        </Button>
      )}
      {canChange && !isOver && status !== 'cancelled' && (
        <Button disabled={isBusy} onClick={() => setAsks('cancel')}>
          <CircleStop size={14} aria-hidden /> Cancel
        </Button>
      )}
      {canChange && failed > 0 && (
        <Button disabled={isBusy} onClick={() => act('retry')}>
          <RotateCcw size={14} aria-hidden /> Retry {failed} failed
        </Button>
      )}
      {canChange && isOver && cancelled > 0 && (
        <Button disabled={isBusy} onClick={() => act('retry', { rows: 'unfinished' })}>
          <RotateCcw size={14} aria-hidden /> Run what is left
        </Button>
      )}
      <Button disabled={isBusy} onClick={() => save('csv')}>
        <Download size={14} aria-hidden /> Table
      </Button>
      <Button disabled={isBusy} onClick={() => save('zip')}>
        <Download size={14} aria-hidden /> All files
      </Button>
      {canChange && isOver && (
        <Button disabled={isBusy} onClick={() => setAsks('delete')}>
          <Trash2 size={14} aria-hidden /> Delete
        </Button>
      )}
      <ConfirmDialog
        open={asks === 'cancel'}
        title="Cancel this batch?"
        description="No further row begins, and what runs is canceled. Rows that are done stay."
        confirmLabel="Cancel batch"
        onClose={() => setAsks(null)}
        onConfirm={() => act('cancel')}
      />
      <ConfirmDialog
        open={asks === 'delete'}
        title="Delete this batch?"
        description="Its runs and their files stay."
        confirmLabel="Delete batch"
        onClose={() => setAsks(null)}
        onConfirm={() =>
          void attempt(async () => {
            await tools.remove(id);
            onDeleted();
          }, 'The batch was not deleted')
        }
      />
    </div>
  );
}

const shownStatuses: readonly { readonly value: BatchRowStatus | 'all'; readonly label: string }[] = [
  { value: 'all', label: 'All rows' },
  { value: 'failed', label: 'Failed' },
  { value: 'done', label: 'Done' },
  { value: 'running', label: 'Running' },
  { value: 'queued', label: 'Queued' },
  { value: 'cancelled', label: 'Canceled' },
];

const rowStatus: Readonly<Record<BatchRowStatus, string>> = {
  queued: 'queued',
  running: 'running',
  done: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

function Rows({ batch, tools }: { batch: Batch; tools: BatchesApi }) {
  const [shown, setShown] = useState<BatchRowStatus | 'all'>('all');
  const rows = useInfiniteQuery({
    queryKey: [...batchKey(batch.id), 'rows', shown],
    queryFn: ({ pageParam }) => tools.rows(batch.id, shown === 'all' ? null : shown, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: batch.finishedAt === null ? askAgainMs : false,
  });
  // The last rows end with the batch, after they were looked at.
  const { refetch } = rows;
  useEffect(() => {
    if (batch.finishedAt !== null) void refetch();
  }, [batch.finishedAt, refetch]);
  const items = rows.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="mt-5">
      <div className="mb-2 max-w-50">
        <Select
          label="Rows that are shown"
          value={shown}
          groups={[{ options: shownStatuses }]}
          onChange={(value) => setShown(value as BatchRowStatus | 'all')}
        />
      </div>
      {rows.isPending && <div role="status" aria-label="Loading" className="skeleton h-16" />}
      {rows.error !== null && <p className="text-danger">{rows.error.message}</p>}
      {rows.isSuccess && items.length === 0 && <p className="text-muted">No rows of this kind.</p>}
      <ol aria-label="Rows" className="flex flex-col">
        {items.map((row) => (
          <RowItem key={row.number} row={row} />
        ))}
      </ol>
      {rows.hasNextPage && (
        <div className="pt-3 text-center">
          <Button size="sm" disabled={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
            Load more rows
          </Button>
        </div>
      )}
    </div>
  );
}

function RowItem({ row }: { row: BatchRow }) {
  const { number, status, inputs, outputs, error, costUsd, durationMs, runId } = row;
  const facts = [
    ...(durationMs === null ? [] : [formatDuration(durationMs)]),
    ...(costUsd === null ? [] : [formatCost(costUsd)]),
  ];
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1 border-t border-line py-2 sm:grid-cols-[auto_minmax(0,1fr)_minmax(0,1fr)_auto]">
      <span className="flex items-center gap-2 self-start pt-0.5 text-xs text-faint">
        <StatusIcon status={rowStatus[status]} size={15} />
        {number}
      </span>
      <span className="line-clamp-2 min-w-0 text-xs break-words text-muted">{inputWords(inputs)}</span>
      <span className="col-start-2 min-w-0 sm:col-start-auto">
        {error !== null && <span className="block text-xs break-words text-danger">{error}</span>}
        {Object.entries(outputs).map(([name, value]) => (
          <span key={name} className="block max-w-60">
            <ValuePreview value={value} title={`${name} of row ${number}`} size="small" />
          </span>
        ))}
      </span>
      <span className="col-start-2 flex gap-3 self-start text-xs text-faint sm:col-start-auto sm:flex-col sm:items-end sm:gap-0">
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
        {runId !== null && status !== 'queued' && (
          <Link to={`/runs/${runId}`} className="font-medium text-ink hover:underline">
            Run
          </Link>
        )}
      </span>
    </li>
  );
}

/** `topic: tea, count: 2`; files are known by their row. */
function inputWords(inputs: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(inputs).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return words.length === 0 ? 'values of the workflow' : words.join(', ');
}
