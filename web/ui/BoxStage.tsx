import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { assetIdOf, thumbnailUrl } from '../../core/api/assets.ts';
import { addressOf, pageOf } from './app-address.ts';
import { arrowStep } from './arrow-step.ts';
import { dragBox, type Grip, type ImageBox } from './drag-box.ts';

const grips: readonly { name: string; grip: Grip; className: string }[] = [
  { name: 'top', grip: { top: true }, className: 'grip-side top-0 left-1/2 h-1.5 w-4 cursor-ns-resize' },
  { name: 'bottom', grip: { bottom: true }, className: 'grip-side bottom-0 left-1/2 h-1.5 w-4 cursor-ns-resize' },
  { name: 'left', grip: { left: true }, className: 'grip-side top-1/2 left-0 h-4 w-1.5 cursor-ew-resize' },
  { name: 'right', grip: { right: true }, className: 'grip-side top-1/2 right-0 h-4 w-1.5 cursor-ew-resize' },
  { name: 'top left', grip: { top: true, left: true }, className: 'size-3.5 top-0 left-0 cursor-nwse-resize' },
  { name: 'top right', grip: { top: true, right: true }, className: 'size-3.5 top-0 right-0 cursor-nesw-resize' },
  { name: 'bottom left', grip: { bottom: true, left: true }, className: 'size-3.5 bottom-0 left-0 cursor-nesw-resize' },
  {
    name: 'bottom right',
    grip: { bottom: true, right: true },
    className: 'size-3.5 right-0 bottom-0 cursor-nwse-resize',
  },
];

/** In pixels: the stage on the canvas and in the inspector, on a fine screen. */
const stageWidth = 640;

/** What is worked on is the image as the server decodes it, so that is what the box is drawn on, wherever it has it. */
export function stageUrlOf(url: string | null): string | null {
  const assetId = url === null ? null : assetIdOf(pageOf(url));
  return assetId === null ? url : addressOf(thumbnailUrl(assetId, stageWidth));
}

interface StageProps {
  url: string;
  /** Of the image. */
  alt: string;
  /** What the box is: "Crop box". */
  name: string;
  box: ImageBox;
  isReadOnly: boolean;
  /** What the width of the box is of its height, both in percent, where that is kept. Default: any. */
  shape?: number | null;
  /** Lines at thirds of the box, while it is worked on. Default: none. */
  hasThirds?: boolean;
  /** Pixels of the screen that it takes for every image. Default 208. */
  height?: number;
  onChange(box: ImageBox): void;
  /** The width of the image by its height, once it is known. */
  onAspect?(aspect: number): void;
  /** What stands in the box. Default: nothing. */
  children?: ReactNode;
}

/** The image with the box on it: dragged by the pointer, or moved by arrow keys (with Shift: resized). */
export function BoxStage({
  url,
  alt,
  name,
  box,
  isReadOnly,
  shape = null,
  hasThirds = false,
  height = 208,
  onChange,
  onAspect,
  children,
}: StageProps) {
  const stage = useRef<HTMLDivElement>(null);
  const drag = useRef<{ x: number; y: number; box: ImageBox; grip: Grip } | null>(null);
  const [isBroken, setIsBroken] = useState(false);

  const begin = (grip: Grip) => (event: PointerEvent<HTMLElement>) => {
    if (isReadOnly || event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY, box, grip };
  };
  const move = (event: PointerEvent<HTMLElement>) => {
    const start = drag.current;
    const area = stage.current?.getBoundingClientRect();
    if (start === null || area === undefined) return;
    const dx = ((event.clientX - start.x) / area.width) * 100;
    const dy = ((event.clientY - start.y) / area.height) * 100;
    onChange(dragBox(start.box, start.grip, dx, dy, shape));
  };
  const end = () => (drag.current = null);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = arrowStep(event);
    if (by === null || isReadOnly) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(dragBox(box, event.shiftKey ? { right: true, bottom: true } : {}, ...by, shape));
  };

  if (isBroken) {
    return (
      <p style={{ height }} className="flex items-center rounded-md bg-field p-3 text-xs text-muted">
        The image appears here once the node before it has run.
      </p>
    );
  }
  return (
    // As high for every image: one that comes out of a run moves nothing.
    <div style={{ height }} className="group/stage flex items-center justify-center rounded-md bg-field">
      <div ref={stage} className="nodrag nowheel relative w-fit touch-none overflow-hidden rounded-md select-none">
        <img
          src={url}
          alt={alt}
          draggable={false}
          onError={() => setIsBroken(true)}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
            if (naturalHeight > 0) onAspect?.(naturalWidth / naturalHeight);
          }}
          style={{ maxHeight: height }}
          className="block max-w-full"
        />
        {/* Lengths within the box may be shares of the height of the image (cqh). */}
        <div className="absolute inset-0 [container-type:size]">
          <div
            role="group"
            aria-label={`${name}: left ${box.x} %, top ${box.y} %, width ${box.width} %, height ${box.height} %. Arrow keys move it, Shift and arrow keys resize it.`}
            tabIndex={isReadOnly ? -1 : 0}
            onKeyDown={onKeyDown}
            onPointerDown={begin({})}
            onPointerMove={move}
            onPointerUp={end}
            onPointerCancel={end}
            style={{ left: `${box.x}%`, top: `${box.y}%`, width: `${box.width}%`, height: `${box.height}%` }}
            className="absolute cursor-move border-2 border-accent shadow-[0_0_0_2000px_var(--overlay)]"
          >
            {hasThirds && <span aria-hidden className="thirds" />}
            {children}
            {!isReadOnly &&
              grips.map(({ name: corner, grip, className }) => (
                <span
                  key={corner}
                  data-grip={corner}
                  onPointerDown={begin(grip)}
                  onPointerMove={move}
                  onPointerUp={end}
                  onPointerCancel={end}
                  className={`absolute rounded-full border-2 border-surface bg-accent ${className}`}
                />
              ))}
          </div>
        </div>
      </div>
    </div>
  );
}
