import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Play, RotateCcw } from 'lucide-react';
import { use } from 'react';
import type { Part } from '../../../core/api/parts.ts';
import type { ChosenElements } from '../../../core/graph/each.ts';
import { useApp } from '../../api/context.ts';
import { listParts } from '../../api/list-parts.ts';
import { infoOf } from '../../graph/catalogue.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { StatusBadge } from '../../ui/Status.tsx';
import { ValuePreview } from '../../ui/ValuePreview.tsx';
import { CommandsContext } from '../commands/commands.ts';
import { useEnvironment, useRuns } from '../environment.ts';
import {
  canRetryNow,
  isOpen,
  onlyWords,
  pausedWords,
  placeOf,
  progressWords,
  type ListExecution,
} from './list-words.ts';
import { runOnSome, steeringFailures, steerList } from './steer-list.ts';
import { useLiveElements } from './use-live-elements.ts';

interface ElementsDialogProps {
  readonly execution: ListExecution;
  /** Of the node that goes through the list. */
  readonly name: string;
  /** Which elements alone the run goes through. */
  readonly only: ChosenElements | undefined;
  onClose(): void;
}

/** While an element is under way and nothing is told, in milliseconds; and where a live connection tells of it. */
const lookEveryMs = 1_000;
const silenceMs = 15_000;
const perPage = 50;

/** Each element of a list in a run: how it stands, what came of it, and a way to run on it alone. */
export function ElementsDialog({ execution, name, only, onClose }: ElementsDialogProps) {
  const { api, notify } = useApp();
  const { runId, nodeId, partId, status, parts } = execution;
  const isLive = useRuns(({ connection }) => connection === 'online');
  const queryKey = ['list-elements', runId, partId, nodeId, status];
  const pages = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => listParts(api, execution, { limit: perPage, ...pageParam }),
    initialPageParam: {},
    getNextPageParam: ({ nextCursor }) => (nextCursor === null ? undefined : { cursor: nextCursor }),
    // All pages that are shown are asked for again, one after another: when something is told of them, else by the clock.
    refetchInterval: ({ state }) =>
      isOpen(execution) && (isLive ? silenceMs : lookEveryMs) * Math.max(1, state.data?.pages.length ?? 1),
    retry: false,
  });
  useLiveElements(execution, queryKey);
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const { mayRun } = useEnvironment();
  const { mutate: retry, isPending: isRetrying } = useMutation({
    mutationFn: (at?: readonly number[]) => steerList(api, execution, 'retryFailed', at),
    onError: (error) => notify({ title: steeringFailures.retryFailed, description: error.message, kind: 'error' }),
    onSettled: () => void pages.refetch(),
  });
  const canRetry = mayRun && canRetryNow(execution);
  const chosen = onlyWords(only);
  return (
    <Dialog
      open
      title={`Elements of “${name}”`}
      description={`${progressWords(parts)}${parts.paused === true ? `. ${pausedWords(parts)}` : ''}.${chosen === null ? '' : ` ${chosen}: this was a try.`}`}
      width={720}
      onClose={onClose}
      footer={
        canRetry ? (
          <Button disabled={isRetrying} onClick={() => retry(undefined)}>
            <RotateCcw size={14} aria-hidden /> Retry all that failed now
          </Button>
        ) : undefined
      }
    >
      {items.length === 0 && !pages.isPending && (
        <p className="text-muted">
          {pages.error?.message ?? 'None has begun yet, or the results were reused from an earlier run.'}
        </p>
      )}
      <ol className="flex flex-col gap-2" aria-label="Elements">
        {items.map((part) => (
          <Element
            key={part.id}
            part={part}
            nodeId={nodeId}
            place={placeOf(part.index, only)}
            onRetry={canRetry && !isRetrying && part.status === 'FAILED' ? () => retry([part.index]) : null}
            onRun={onClose}
          />
        ))}
      </ol>
      {pages.hasNextPage && (
        <Button className="mt-3" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Dialog>
  );
}

interface ElementProps {
  readonly part: Part;
  readonly nodeId: string;
  /** In the whole list, from 0. */
  readonly place: number;
  /** Goes through it again in the run that is under way; null where that cannot be. */
  readonly onRetry: (() => void) | null;
  onRun(): void;
}

function Element({ part, nodeId, place, onRetry, onRun }: ElementProps) {
  const { store, catalogue, mayRun } = useEnvironment();
  // A look at an earlier run starts nothing.
  const canRun = use(CommandsContext) !== null && mayRun;
  const own = part.nodeExecutions.find((node) => node.nodeId === nodeId);
  const outputs = infoOf(catalogue, { type: own?.nodeType, data: {} })?.outputs ?? [];
  const value = outputs.map(({ id }) => own?.outputData?.[id]).find((one) => one !== undefined && one !== null);
  const number = place + 1;
  return (
    <li className="flex flex-col gap-2 rounded-xl border border-line p-3">
      <div className="flex items-center gap-3">
        <h3 className="text-sm font-semibold">{number.toLocaleString()}</h3>
        <StatusBadge status={part.status} />
        <span className="min-w-0 flex-1 truncate text-xs text-muted">{part.label}</span>
        {onRetry !== null && (
          <Button size="sm" aria-label={`Retry element ${number} now`} onClick={onRetry}>
            <RotateCcw size={12} aria-hidden /> Retry now
          </Button>
        )}
        {canRun && (
          <Button
            size="sm"
            aria-label={`Run on element ${number}`}
            onClick={() => {
              onRun();
              void runOnSome(store.getState(), nodeId, { at: [place] });
            }}
          >
            <Play size={12} aria-hidden /> Run on this element
          </Button>
        )}
      </div>
      {part.error !== null && <p className="text-xs break-words text-danger">{part.error}</p>}
      {value !== undefined && <ValuePreview value={value} title={`Element ${number}`} size="small" />}
    </li>
  );
}
