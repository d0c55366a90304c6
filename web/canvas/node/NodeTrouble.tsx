import { RotateCcw } from 'lucide-react';
import type { NodeStatus } from '../../live/node-status.ts';
import { OptionalPart } from '../../shell/PartBoundary.tsx';
import { Button } from '../../ui/Button.tsx';
import { cn } from '../../ui/cn.ts';
import { lazyPart } from '../../ui/lazy-part.ts';
import { useEnvironment } from '../environment.ts';
import { useNodeFindings, useNodeResult } from './use-node.ts';

/** What helps against an error: needed where one is. */
const cureButton = lazyPart(() => import('../../results/CureButton.tsx'), 'CureButton');

/**
 * What is wrong with a node, over the room for its result: the node does not grow by it. Where it has none, the words lie
 * over its first field, and make way for whoever works there.
 */
export function NodeFindings({ id, hasResult }: { id: string; hasResult: boolean }) {
  const findings = useNodeFindings(id);
  if (findings.length === 0) return null;
  return (
    <ul
      className={cn(
        'node-findings absolute inset-x-3 z-10 flex max-h-[calc(100%-12px)] flex-col gap-1 rounded-md px-2 py-1.5 text-xs',
        hasResult ? 'nowheel bottom-3 overflow-y-auto' : 'pointer-events-none top-0 overflow-hidden',
      )}
      data-over={hasResult ? 'result' : 'fields'}
    >
      {findings.map(({ code, message }) => (
        <li key={`${code} ${message}`}>{message}</li>
      ))}
    </ul>
  );
}

/** Why a node has no result; `isOver` lays it over the node's own media, which have no room beside them. */
export function NodeError({ id, status, isOver = false }: { id: string; status: NodeStatus; isOver?: boolean }) {
  const { retryRun, mayRun } = useEnvironment();
  const { run } = useNodeResult(id);
  const error = status === 'untaken' ? 'Not run: its branch was not taken.' : run?.execution.error;
  if (run === undefined || error === null || error === undefined) return null;
  const over = isOver && 'absolute inset-x-3 bottom-3 max-h-[calc(100%-12px)] shadow-popup';
  if (status === 'skipped' || status === 'untaken') {
    return (
      <p className={cn('result-box overflow-y-auto rounded-md bg-field px-2 py-1.5 text-xs text-faint', over)}>
        {error}
      </p>
    );
  }
  if (status !== 'failed' && status !== 'handled' && status !== 'cancelled') {
    return run.execution.attempt > 1 ? (
      <p className="line-clamp-2 shrink-0 text-xs text-muted" title={error}>
        Attempt {run.execution.attempt}: {error}
      </p>
    ) : null;
  }
  return (
    <div
      role="alert"
      className={cn('result-box flex flex-col gap-1.5 rounded-md bg-danger-soft px-2 py-1.5 text-xs text-danger', over)}
    >
      <div className="min-h-0 flex-1 overflow-y-auto">
        <p className="max-h-[round(down,100%,16px)] overflow-y-auto break-words">
          {error} <code className="block text-2xs leading-4">{run.execution.errorCode}</code>
        </p>
      </div>
      <div className="flex shrink-0 items-center justify-end gap-2">
        {status === 'handled' && <span className="text-2xs">The workflow handles it.</span>}
        {status === 'failed' && mayRun && (
          <span className="flex gap-1">
            <OptionalPart name="The cure">
              <cureButton.Component nodeId={id} errorCode={run.execution.errorCode} />
            </OptionalPart>
            <Button size="sm" className="nodrag" onClick={retryRun}>
              <RotateCcw size={12} aria-hidden /> Retry
            </Button>
          </span>
        )}
      </div>
    </div>
  );
}
