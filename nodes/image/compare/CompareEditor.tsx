import { useState } from 'react';
import { useKnownInputs } from '../../../web/canvas/node/use-node.ts';
import { stageUrlOf } from '../../../web/ui/BoxStage.tsx';
import { cn } from '../../../web/ui/cn.ts';
import { mediaUrlOf, type NodeEditorProps } from '../../../web/ui/node-editor.ts';

const heights = { node: 'h-40', inspector: 'h-56' };

/** See `compareImagesEditor`. The images are shown as large as each other allows; what the run measures is in its results. */
export function CompareEditor({ nodeId, place }: NodeEditorProps) {
  const inputs = useKnownInputs(nodeId);
  const [share, setShare] = useState(50);
  const [before, after] = [stageUrlOf(mediaUrlOf(inputs['before'])), stageUrlOf(mediaUrlOf(inputs['after']))];
  if (before === null || after === null) {
    return (
      <p
        className={cn(
          'flex items-center justify-center rounded-md border border-dashed border-line-strong bg-field px-3 text-center text-xs text-muted',
          heights[place],
        )}
      >
        Connect two images to look at them in turns.
      </p>
    );
  }
  return (
    <div className={cn('nodrag relative overflow-hidden rounded-md bg-field', heights[place])}>
      <img src={before} alt="Before" draggable={false} className="absolute inset-0 size-full object-contain" />
      <img
        src={after}
        alt="After"
        draggable={false}
        className="absolute inset-0 size-full object-contain"
        style={{ clipPath: `inset(0 0 0 ${share}%)` }}
      />
      <input
        type="range"
        aria-label="Dividing line"
        aria-valuetext={`${share} % before, ${100 - share} % after`}
        value={share}
        min={0}
        max={100}
        onChange={(event) => setShare(event.target.valueAsNumber)}
        className="peer absolute inset-0 z-10 size-full cursor-ew-resize opacity-0"
      />
      <span
        aria-hidden
        className="pointer-events-none absolute inset-y-0 w-0.5 -translate-x-1/2 bg-surface shadow peer-focus-visible:w-1 peer-focus-visible:bg-accent"
        style={{ left: `${share}%` }}
      />
    </div>
  );
}
