import { CircleX } from 'lucide-react';
import type { NodeExecution } from '../../core/api/runs.ts';
import { CureButton } from './CureButton.tsx';

interface FailureTileProps {
  readonly execution: NodeExecution;
  readonly name: string;
  onShowNode(nodeId: string): void;
}

/** A node that failed, among the results: why, and what leads to the cure. */
export function FailureTile({ execution: { nodeId, error, errorCode }, name, onShowNode }: FailureTileProps) {
  return (
    <div className="result-group result-failure">
      <button
        type="button"
        className="result-head text-danger!"
        title={`Show ${name}`}
        onClick={() => onShowNode(nodeId)}
      >
        <CircleX size={12} className="shrink-0" aria-hidden />
        <span className="truncate">{name} failed</span>
      </button>
      <div className="result-failure-body">
        <p className="overflow-y-auto break-words" tabIndex={0} role="region" aria-label={`Why ${name} failed`}>
          {error}
        </p>
        <div className="shrink-0">
          <CureButton nodeId={nodeId} errorCode={errorCode} />
        </div>
      </div>
    </div>
  );
}
