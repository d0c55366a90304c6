import { useQuery } from '@tanstack/react-query';
import type { Part } from '../../../core/api/parts.ts';
import type { NodeExecution } from '../../../core/api/runs.ts';
import { isNodeFinished } from '../../../core/run/status.ts';
import { useApp } from '../../api/context.ts';
import { listParts } from '../../api/list-parts.ts';
import { shownStatusOf } from '../../live/node-status.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { countOf } from '../../ui/format.ts';
import { StatusBadge } from '../../ui/Status.tsx';
import { ValuePreview } from '../../ui/ValuePreview.tsx';

interface LapsDialogProps {
  /** Of the node that begins the loop. */
  readonly execution: NodeExecution;
  /** The node that ends it. */
  readonly end: string;
  onClose(): void;
}

/** While a lap is under way, in milliseconds. */
const lookEveryMs = 1_000;
/** As many as a loop may have. */
const mostLaps = 100;

/** Each lap of a loop: how it stands, what it got and what it gave. */
export function LapsDialog({ execution, end, onClose }: LapsDialogProps) {
  const { api } = useApp();
  const { runId, nodeId, partId, status } = execution;
  const laps = useQuery({
    queryKey: ['laps', runId, partId, nodeId, status],
    queryFn: () => listParts(api, execution, { limit: mostLaps }),
    refetchInterval: isNodeFinished(status) ? false : lookEveryMs,
    retry: false,
  });
  const items = laps.data?.items ?? [];
  return (
    <Dialog open title="Laps" description={countOf(items.length, 'lap')} width={720} onClose={onClose}>
      {items.length === 0 && (
        <p className="text-muted">
          {laps.error?.message ?? 'No lap has begun yet, or the results were reused from an earlier run.'}
        </p>
      )}
      <ol className="flex flex-col gap-3" aria-label="Laps">
        {items.map((lap) => (
          <Lap key={lap.id} lap={lap} end={end} />
        ))}
      </ol>
    </Dialog>
  );
}

function Lap({ lap, end }: { lap: Part; end: string }) {
  const number = lap.index + 1;
  const last = lap.nodeExecutions.find(({ nodeId }) => nodeId === end);
  const value = last?.outputData?.['output'];
  const busy = lap.nodeExecutions.filter((node) => !isNodeFinished(node.status) && node.status !== 'PENDING');
  return (
    <li className="flex flex-col gap-2 rounded-xl border border-line p-3">
      <div className="flex items-center gap-3">
        <h3 className="text-sm font-semibold">Lap {number}</h3>
        <StatusBadge status={lap.status} />
        {busy.map((node) => (
          <span key={node.nodeId} className="truncate text-xs text-muted">
            {node.nodeLabel ?? node.nodeId}: {shownStatusOf(node).toLowerCase()}
          </span>
        ))}
      </div>
      {lap.label !== null && <p className="truncate text-xs text-muted">Got: {lap.label}</p>}
      {lap.error !== null && <p className="text-xs break-words text-danger">{lap.error}</p>}
      {value !== undefined && value !== null && <ValuePreview value={value} title={`Lap ${number}`} size="small" />}
    </li>
  );
}
