import { useQuery } from '@tanstack/react-query';
import { CircleStop, LayoutGrid, Pause, Play, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { ListAction } from '../../../core/api/parts.ts';
import { eachSettingsOf, type ChosenElements } from '../../../core/graph/each.ts';
import { isRunFinished } from '../../../core/run/status.ts';
import { queryKeys, useApp } from '../../api/context.ts';
import { OptionalPart } from '../../shell/PartBoundary.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { lazyPart } from '../../ui/lazy-part.ts';
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
  return isOfList(execution) ? <Bar execution={execution} name={name} /> : null;
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

function Bar({ execution, name }: { execution: ListExecution; name: string }) {
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
      className="nodrag nopan nokey absolute top-full left-0 z-10 mt-2.5 flex w-full flex-col gap-1 rounded-lg border border-line bg-raised p-1 pl-2 text-2xs text-muted shadow-popup"
    >
      <div className="flex min-h-6 items-center gap-1">
        <span className="min-w-0 flex-1">
          {isPaused && <strong className="text-ink">{`${pausedWords(parts)}: `}</strong>}
          {progressWords(parts)}
        </span>
        {canSteer && mayRun && (
          <>
            <IconButton
              label={isPaused ? 'Go on with this list' : 'Pause this list'}
              size="sm"
              disabled={isBusy}
              onClick={() => steer(isPaused ? 'goOn' : 'pause')}
            >
              {isPaused ? <Play size={13} /> : <Pause size={13} />}
            </IconButton>
            <IconButton label="Cancel this list" size="sm" disabled={isBusy} onClick={() => setAsked('cancel')}>
              <CircleStop size={13} />
            </IconButton>
          </>
        )}
        {(canRetry || canRetryOpen) && (
          <Button size="sm" disabled={isBusy} onClick={canRetry ? retryRun : () => steer('retryFailed')}>
            <RotateCcw size={12} aria-hidden /> Retry failed{canRetryOpen && ' now'}
          </Button>
        )}
        <IconButton label="Show all elements" size="sm" onClick={() => setAsked('elements')}>
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
