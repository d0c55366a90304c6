import { useState, type CSSProperties, type PointerEvent } from 'react';
import { ImageLayer, sizeOfAsset, VideoLayer } from './Layer.tsx';
import { shownAs, type Result } from './results.ts';
import type { Zoom } from './zoom.ts';
import { ZoomArea } from './ZoomArea.tsx';

/** Ways to lay two pictures over each other. */
export type LayeredMode = 'slider' | 'onion' | 'difference';

interface LayeredProps {
  readonly mode: LayeredMode;
  readonly first: Result;
  readonly second: Result;
  readonly zoom: Zoom;
  onZoom(zoom: Zoom): void;
}

/** Two pictures over each other, moved and enlarged together: divided by a line, faded into each other, or what differs alone. */
export function Layered({ mode, first, second, zoom, onZoom }: LayeredProps) {
  const [share, setShare] = useState(50);
  const over: Readonly<Record<LayeredMode, CSSProperties>> = {
    slider: { clipPath: `inset(0 0 0 ${share}%)` },
    onion: { opacity: share / 100 },
    difference: { mixBlendMode: 'difference' },
  };
  const labels = { slider: 'Dividing line', onion: 'How much of B shows' };
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (event.buttons !== 1) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    const { left, width } = event.currentTarget.parentElement!.getBoundingClientRect();
    setShare(Math.min(100, Math.max(0, ((event.clientX - left) / width) * 100)));
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="relative isolate min-h-0 flex-1" data-compare={mode}>
        <ZoomArea size={sizeOf(first)} zoom={zoom} className="size-full" onZoom={onZoom}>
          <Seen result={first} />
        </ZoomArea>
        {/* The second one takes the room of the first, so that what belongs together lies over each other. */}
        <ZoomArea size={sizeOf(first)} zoom={zoom} className="absolute! inset-0" style={over[mode]} onZoom={onZoom}>
          <Seen result={second} />
        </ZoomArea>
        {mode === 'slider' && (
          <div
            aria-hidden
            className="compare-line"
            style={{ left: `${share}%` }}
            onPointerDown={drag}
            onPointerMove={drag}
          />
        )}
      </div>
      {mode !== 'difference' && (
        <label className="flex shrink-0 items-center gap-3 border-t border-line bg-surface px-4 py-1 text-xs">
          A
          <input
            type="range"
            min={0}
            max={100}
            value={share}
            aria-label={labels[mode]}
            onChange={(event) => setShare(Number(event.target.value))}
            className="slider flex-1"
            style={{ '--share': `${share}%` } as CSSProperties}
          />
          B
        </label>
      )}
    </div>
  );
}

function sizeOf({ asset }: Result) {
  return asset === null ? { width: 1, height: 1 } : sizeOfAsset(asset);
}

function Seen({ result }: { result: Result }) {
  const { asset, title } = result;
  if (asset === null) return null;
  return shownAs(result) === 'moving' ? (
    <VideoLayer asset={asset} title={title} />
  ) : (
    <ImageLayer key={asset.assetId} asset={asset} title={title} />
  );
}
