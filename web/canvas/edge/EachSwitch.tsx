import { EdgeLabelRenderer } from '@xyflow/react';
import { useEnvironment, useWorkflow } from '../environment.ts';

/** In the middle of an edge: how a list goes along it. A click changes it. */
export function EachSwitch({
  edgeId,
  choice,
  x,
  y,
  isBeside,
}: {
  edgeId: string;
  choice: 'each' | 'together';
  x: number;
  y: number;
  /** Something else stands in the middle. */
  isBeside: boolean;
}) {
  const { isReadOnly } = useEnvironment();
  const setEach = useWorkflow((state) => state.setEach);
  const isEach = choice === 'each';
  return (
    <EdgeLabelRenderer>
      <button
        type="button"
        role="switch"
        aria-checked={isEach}
        aria-label="For each element"
        title={isEach ? 'Each element goes along alone' : 'All elements go along together'}
        disabled={isReadOnly}
        onClick={() => setEach(edgeId, !isEach)}
        style={{ transform: `translate(-50%, ${isBeside ? '70%' : '-50%'}) translate(${x}px, ${y}px)` }}
        className="each-switch nodrag nopan pointer-events-auto absolute h-5 rounded-full border border-line-strong bg-raised px-2 text-2xs text-muted hover:text-ink"
      >
        {isEach ? 'For each' : 'All together'}
      </button>
    </EdgeLabelRenderer>
  );
}
