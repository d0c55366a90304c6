import { ViewportPortal } from '@xyflow/react';
import { Repeat } from 'lucide-react';
import { memo, useMemo, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { PairedLoop } from '../../../core/graph/pair-loops.ts';
import { absolutePosition, indexNodes, sizeOf } from '../../graph/canvas-graph.ts';
import { loopsIn } from '../../graph/list-view.ts';
import { OptionalPart } from '../../shell/PartBoundary.tsx';
import { lazyPart } from '../../ui/lazy-part.ts';
import { useEnvironment, useNodeRun, useWorkflow } from '../environment.ts';
import { loopProgress } from './loop-words.ts';

const lapsDialog = lazyPart(() => import('./LapsDialog.tsx'), 'LapsDialog');

/** Room between a frame and the nodes in it, and more at the top, where its words stand. A loop around another has more. */
const padding = 24;
const headRoom = 44;

/** A frame around what each loop repeats, with how far it has come in the run that is shown. */
export function LoopFrames() {
  const { catalogue } = useEnvironment();
  const graph = useWorkflow(useShallow(({ nodes, edges }) => ({ nodes, edges })));
  const loops = loopsIn(graph, catalogue);
  const byId = useMemo(() => indexNodes(graph.nodes), [graph.nodes]);
  return (
    <ViewportPortal>
      {loops.map((loop) => (
        <LoopFrame key={loop.begin} {...loop} {...boxOf(loop, loops, byId)} most={byId.get(loop.begin)?.data['max']} />
      ))}
    </ViewportPortal>
  );
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function boxOf(loop: PairedLoop, loops: readonly PairedLoop[], byId: ReturnType<typeof indexNodes>): Box {
  const places = loop.nodes.flatMap((id) => {
    const node = byId.get(id);
    if (node === undefined) return [];
    const { x, y } = absolutePosition(node, byId);
    const { width, height } = sizeOf(node);
    return [{ x, y, right: x + width, bottom: y + height }];
  });
  const levels = levelsWithin(loop, loops);
  const [side, top] = [padding * levels, headRoom * levels];
  const left = Math.min(...places.map(({ x }) => x)) - side;
  const upper = Math.min(...places.map(({ y }) => y)) - top;
  return {
    left,
    top: upper,
    width: Math.max(...places.map(({ right }) => right)) + side - left,
    height: Math.max(...places.map(({ bottom }) => bottom)) + side - upper,
  };
}

/** 1 for a loop without others in it. */
function levelsWithin(loop: PairedLoop, loops: readonly PairedLoop[]): number {
  const inner = loops.filter((other) => other !== loop && loop.nodes.includes(other.begin));
  return 1 + Math.max(0, ...inner.map((other) => levelsWithin(other, loops)));
}

const LoopFrame = memo(function LoopFrame({
  begin,
  end,
  most,
  left,
  top,
  width,
  height,
}: Pick<PairedLoop, 'begin' | 'end'> & Box & { most: unknown }) {
  const [isOpen, setIsOpen] = useState(false);
  const execution = useNodeRun(begin)?.execution;
  const { words, share } = loopProgress(most, execution, useNodeRun(end)?.execution?.outputData?.['ended']);
  const label = (
    <>
      <Repeat size={14} aria-hidden />
      {words}
    </>
  );
  const style = 'loop-head flex h-7 items-center gap-1.5 rounded-md px-2 text-xs font-semibold';
  return (
    <div
      data-loop={begin}
      className="pointer-events-none absolute rounded-2xl border-2 border-dashed border-line-strong bg-surface/30"
      style={{ left, top, width, height, zIndex: -1 }}
    >
      <div className="nodrag nopan pointer-events-auto m-1.5 inline-flex flex-col">
        {execution?.parts == null ? (
          <span className={`${style} text-muted`}>{label}</span>
        ) : (
          <button
            type="button"
            className={`${style} text-ink hover:bg-hover`}
            title="Show all laps"
            onClick={() => setIsOpen(true)}
          >
            {label}
          </button>
        )}
        {share !== null && (
          <div
            role="progressbar"
            aria-label="Laps"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(share * 100)}
            className="mx-2 h-1 overflow-hidden rounded bg-field"
          >
            <div className="h-full bg-status-running" style={{ width: `${share * 100}%` }} />
          </div>
        )}
      </div>
      {isOpen && execution !== undefined && (
        <OptionalPart name="The laps">
          <lapsDialog.Component execution={execution} end={end} onClose={() => setIsOpen(false)} />
        </OptionalPart>
      )}
    </div>
  );
});
