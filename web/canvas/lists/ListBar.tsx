import { useQuery } from '@tanstack/react-query';
import { CircleStop, LayoutGrid, Pause, Play, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { ListAction } from '../../../core/api/parts.ts';
import { eachSettingsOf, type ChosenElements } from '../../../core/graph/each.ts';
import { isRunFinished } from '../../../core/run/status.ts';
import { queryKeys, useApp } from '../../api/context.ts';
import { OptionalPart } from '../../shell/PartBoundary.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { cn } from '../../ui/cn.ts';
import { lazyPart } from '../../ui/lazy-part.ts';
import { withoutChoosing } from '../../ui/without-choosing.ts';
import { useEnvironment, useNodeRun, useShownRun } from '../environment.ts';
import { CancelListDialog } from './CancelListDialog.tsx';
import {
  canRetryNow,
  countMissing,
  isOfList,
  isOpen,
  onlyWords,
  pausedWords,
  progressWords,
  type ListExecution,
} from './list-words.ts';
import { steeringFailures, steerList } from './steer-list.ts';

const elementsDialog = lazyPart(() => import('./ElementsDialog.tsx'), 'ElementsDialog');

/** Under the first of the nodes that go through a list: how far that has come, and what can be done with it. */
export function ListBar({ nodeId, name }: { nodeId: string; name: string }) {
  const execution = useNodeRun(nodeId)?.execution;
  if (!isOfList(execution)) return null;
  return (
    <ListControls
      execution={execution}
      name={name}
      className="nodrag nopan nokey absolute top-full left-0 z-10 mt-2.5 w-full rounded-lg border border-line bg-raised p-1 pl-2 text-2xs shadow-popup"
    />
  );
}

/** Which elements alone a run goes through; undefined: all of them, or it is not known yet. */
function useOnly({ runId, partId, nodeId }: ListExecution): ChosenElements | undefined {
  const { api } = useApp();
  const { data } = useQuery({
    queryKey: queryKeys.runGraph(runId),
    queryFn: () => api.getRunGraph(runId),
    staleTime: Infinity,
    retry: false,
    enabled: partId === null,
  });
  return eachSettingsOf(data?.nodes.find(({ id }) => id === nodeId)?.data ?? {}).only;
}

/** How far a list has come, and what can be done with it. `isLarge`: for thumbs. */
export function ListControls({
  execution,
  name,
  className,
  isLarge = false,
}: {
  execution: ListExecution;
  name: string;
  className: string;
  isLarge?: boolean;
}) {
  const { api, notify } = useApp();
  const { mayRun, retryRun } = useEnvironment();
  const run = useShownRun();
  const only = useOnly(execution);
  const [asked, setAsked] = useState<'cancel' | 'elements' | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const { parts } = execution;
  const canSteer = isOpen(execution);
  const isPaused = canSteer && parts.paused === true;
  const canRetry = mayRun && run !== null && isRunFinished(run.status) && countMissing(parts) > 0;
  const canRetryOpen = mayRun && canRetryNow(execution);
  const looks = isLarge ? ({ size: 'md', className: 'min-h-11 min-w-11' } as const) : ({ size: 'sm' } as const);
  const steer = (action: ListAction) => {
    setIsBusy(true);
    steerList(api, execution, action)
      .catch((error: Error) => notify({ title: steeringFailures[action], description: error.message, kind: 'error' }))
      .finally(() => setIsBusy(false));
  };
  return (
    <div
      role="group"
      aria-label={`List of ${name}`}
      data-list={canSteer ? (isPaused ? 'paused' : 'running') : 'over'}
      className={cn('flex flex-col gap-1 text-muted', className)}
    >
      <div className={cn('flex min-h-6 items-center gap-1', isLarge && 'flex-wrap')}>
        <span className="min-w-0 flex-1">
          {isPaused && <strong className="text-ink">{`${pausedWords(parts)}: `}</strong>}
          {progressWords(parts)}
        </span>
        {canSteer && mayRun && (
          <>
            <IconButton
              label={isPaused ? 'Go on with this list' : 'Pause this list'}
              {...looks}
              disabled={isBusy}
              onClick={() => steer(isPaused ? 'goOn' : 'pause')}
            >
              {isPaused ? <Play size={13} /> : <Pause size={13} />}
            </IconButton>
            <IconButton
              label="Cancel this list"
              {...looks}
              disabled={isBusy}
              onClick={withoutChoosing(() => setAsked('cancel'))}
            >
              <CircleStop size={13} />
            </IconButton>
          </>
        )}
        {(canRetry || canRetryOpen) && (
          <Button {...looks} disabled={isBusy} onClick={canRetry ? retryRun : () => steer('retryFailed')}>
            <RotateCcw size={12} aria-hidden /> Retry failed{canRetryOpen && ' now'}
          </Button>
        )}
        <IconButton
          label="Show all elements"
          {...looks}
          {...elementsDialog.whenNear}
          onClick={withoutChoosing(() => setAsked('elements'))}
        >
          <LayoutGrid size={13} />
        </IconButton>
      </div>
      {only !== undefined && <p>{`${onlyWords(only)}: this was a try.`}</p>}
      {/* In a look into a called workflow nobody can. */}
      {canSteer && !mayRun && execution.partId === null && <p>Viewers cannot pause or cancel it.</p>}
      {asked === 'cancel' && (
        <CancelListDialog name={name} onConfirm={() => steer('cancel')} onClose={() => setAsked(null)} />
      )}
      {asked === 'elements' && (
        <OptionalPart name="The elements">
          <elementsDialog.Component execution={execution} name={name} only={only} onClose={() => setAsked(null)} />
        </OptionalPart>
      )}
    </div>
  );
}
