import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { assetIdOf, thumbnailUrl } from '../../../core/api/assets.ts';
import { useIsReadOnly, useKnownInputs, useNodeData, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import { addressOf, pageOf } from '../../../web/ui/app-address.ts';
import { Field, NumberInput } from '../../../web/ui/Field.tsx';
import { mediaUrlOf, type NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { dragBox, type CropBox, type Grip } from './crop-box.ts';

const grips: readonly { name: string; grip: Grip; className: string }[] = [
  { name: 'top left', grip: { top: true, left: true }, className: 'top-0 left-0 cursor-nwse-resize' },
  { name: 'top right', grip: { top: true, right: true }, className: 'top-0 right-0 cursor-nesw-resize' },
  { name: 'bottom left', grip: { bottom: true, left: true }, className: 'bottom-0 left-0 cursor-nesw-resize' },
  { name: 'bottom right', grip: { bottom: true, right: true }, className: 'right-0 bottom-0 cursor-nwse-resize' },
];

const place = { min: 0, max: 100 };
const size = { min: 0, isMinExcluded: true, max: 100 };

const fields = [
  ['x_percent', 'Left', 0, place],
  ['y_percent', 'Top', 0, place],
  ['width_percent', 'Width', 100, size],
  ['height_percent', 'Height', 100, size],
] as const;

function numberOf(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

/** In pixels: the stage on the canvas and in the inspector, on a fine screen. */
const stageWidth = 640;

/** What is cut is the image as the server decodes it, so that is what the box is drawn on, wherever it has it. */
function stageUrlOf(url: string | null): string | null {
  const assetId = url === null ? null : assetIdOf(pageOf(url));
  return assetId === null ? url : addressOf(thumbnailUrl(assetId, stageWidth));
}

/** See `cropImageEditor`. */
export function CropEditor({ nodeId }: NodeEditorProps) {
  const data = useNodeData(nodeId);
  const inputs = useKnownInputs(nodeId);
  const isReadOnly = useIsReadOnly();
  const update = useUpdateNode(nodeId);
  const box: CropBox = {
    x: numberOf(data['x_percent'], 0),
    y: numberOf(data['y_percent'], 0),
    width: numberOf(data['width_percent'], 100),
    height: numberOf(data['height_percent'], 100),
  };
  const url = stageUrlOf(mediaUrlOf(inputs['image_url']));
  const [words, setWords] = useState<string | null>(null);
  const set = (next: CropBox) =>
    update({ x_percent: next.x, y_percent: next.y, width_percent: next.width, height_percent: next.height });
  return (
    <div className="flex flex-col gap-2">
      {url === null ? (
        <p className="flex h-52 items-center justify-center rounded-md border border-dashed border-line-strong bg-field px-3 text-center text-xs text-muted">
          Connect an image to draw the crop box on it.
        </p>
      ) : (
        <CropStage key={url} url={url} box={box} isReadOnly={isReadOnly} onChange={set} />
      )}
      <div className="grid grid-cols-4 gap-1">
        {fields.map(([name, label, standard, rules]) => (
          <Field key={name} label={label}>
            {({ id }) => (
              <NumberInput
                id={id}
                aria-label={`${label} in percent`}
                value={numberOf(data[name], standard)}
                rules={{ ...rules, unit: '%' }}
                hasUnitShown={false}
                disabled={isReadOnly}
                onChange={(value) => value !== undefined && update({ [name]: value })}
                onWords={(next) => setWords(next === null ? null : `${label}: ${next}`)}
                className="[&_input]:h-7 [&_input]:px-1.5 [&_input]:text-xs"
              />
            )}
          </Field>
        ))}
      </div>
      {words !== null && (
        <p role="alert" className="text-xs text-danger">
          {words}
        </p>
      )}
    </div>
  );
}

interface StageProps {
  url: string;
  box: CropBox;
  isReadOnly: boolean;
  onChange(box: CropBox): void;
}

/** The image with the box on it: dragged by the pointer, or moved by arrow keys (with Shift: resized). */
function CropStage({ url, box, isReadOnly, onChange }: StageProps) {
  const stage = useRef<HTMLDivElement>(null);
  const drag = useRef<{ x: number; y: number; box: CropBox; grip: Grip } | null>(null);
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
    onChange(dragBox(start.box, start.grip, dx, dy));
  };
  const end = () => (drag.current = null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.altKey ? 0.1 : 1;
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const by = steps[event.key];
    if (by === undefined || isReadOnly) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(dragBox(box, event.shiftKey ? { right: true, bottom: true } : {}, ...by));
  };

  if (isBroken) {
    return (
      <p className="flex h-52 items-center rounded-md bg-field p-3 text-xs text-muted">
        The image appears here once the node before it has run.
      </p>
    );
  }
  return (
    // As high for every image: one that comes out of a run moves nothing.
    <div className="flex h-52 items-center justify-center rounded-md bg-field">
      <div ref={stage} className="nodrag nowheel relative w-fit touch-none overflow-hidden rounded-md select-none">
        <img
          src={url}
          alt="Image to crop"
          draggable={false}
          onError={() => setIsBroken(true)}
          className="block max-h-52 max-w-full"
        />
        <div
          role="group"
          aria-label={`Crop box: left ${box.x} %, top ${box.y} %, width ${box.width} %, height ${box.height} %. Arrow keys move it, Shift and arrow keys resize it.`}
          tabIndex={isReadOnly ? -1 : 0}
          onKeyDown={onKeyDown}
          onPointerDown={begin({})}
          onPointerMove={move}
          onPointerUp={end}
          onPointerCancel={end}
          style={{ left: `${box.x}%`, top: `${box.y}%`, width: `${box.width}%`, height: `${box.height}%` }}
          className="absolute cursor-move border-2 border-accent shadow-[0_0_0_2000px_var(--overlay)]"
        >
          {!isReadOnly &&
            grips.map(({ name, grip, className }) => (
              <span
                key={name}
                data-grip={name}
                onPointerDown={begin(grip)}
                onPointerMove={move}
                onPointerUp={end}
                onPointerCancel={end}
                className={`absolute size-3.5 rounded-full border-2 border-surface bg-accent ${className}`}
              />
            ))}
        </div>
      </div>
    </div>
  );
}
