import { useRef, useState, type CSSProperties, type KeyboardEvent, type PointerEvent } from 'react';
import { assetIdOf, thumbnailUrl } from '../../../core/api/assets.ts';
import { addressOf, pageOf } from '../../../web/ui/app-address.ts';
import { arrowStep } from '../../../web/ui/arrow-step.ts';
import { useAsset } from '../../../web/ui/use-asset.ts';
import { angleTo, boxOf, moved, resized, type DraftLayer, type LayerBox, type Size } from './layers.ts';

type Change = Readonly<Record<string, unknown>>;

interface LayerStageProps {
  readonly baseUrl: string | null;
  readonly layers: readonly { readonly layer: DraftLayer; readonly name: string; readonly url: string | null }[];
  readonly chosenId: string | null;
  readonly isReadOnly: boolean;
  onChoose(id: string): void;
  onChange(id: string, change: Change): void;
}

/** In pixels: the stage on the canvas and in the inspector, on a fine screen. */
const stageWidth = 640;

/** The image as the server decodes it, wherever it has it. */
function stageUrlOf(url: string): string {
  const assetId = assetIdOf(pageOf(url));
  return assetId === null ? url : addressOf(thumbnailUrl(assetId, stageWidth));
}

/** What the server says, else what was loaded; a thumbnail has the shape, if not the size. */
function useSize(url: string | null): [Size | null, (image: HTMLImageElement) => void] {
  const asset = useAsset(url);
  const [loaded, setLoaded] = useState<Size | null>(null);
  const known = asset?.width != null && asset.height != null ? { width: asset.width, height: asset.height } : loaded;
  return [known, (image) => setLoaded({ width: image.naturalWidth, height: image.naturalHeight })];
}

/** The base with its layers on it: dragged, resized and turned by the pointer, or by keys. */
export function LayerStage({ baseUrl, layers, chosenId, isReadOnly, onChoose, onChange }: LayerStageProps) {
  const stage = useRef<HTMLDivElement>(null);
  const [base, onLoad] = useSize(baseUrl);
  const [brokenUrl, setBrokenUrl] = useState<string | null>(null);
  if (baseUrl === null || brokenUrl === baseUrl) {
    return (
      <p className="flex h-52 items-center justify-center rounded-md border border-dashed border-line-strong bg-field px-3 text-center text-xs text-muted">
        {baseUrl === null
          ? 'Connect a base to place the layers on it.'
          : 'The base appears here once the node before it has run.'}
      </p>
    );
  }
  return (
    <div className="flex h-52 items-center justify-center rounded-md bg-field">
      <div
        ref={stage}
        className="nodrag nowheel relative isolate w-fit touch-none overflow-hidden rounded-md select-none"
      >
        <img
          src={stageUrlOf(baseUrl)}
          alt="Base"
          draggable={false}
          onLoad={(event) => onLoad(event.currentTarget)}
          onError={() => setBrokenUrl(baseUrl)}
          className="block max-h-52 max-w-full"
        />
        {base !== null &&
          layers.map(({ layer, name, url }) => (
            <StageLayer
              key={layer.id}
              {...{ layer, name, url, base, stage, isReadOnly }}
              isChosen={layer.id === chosenId}
              onChoose={() => onChoose(layer.id)}
              onChange={(change) => onChange(layer.id, change)}
            />
          ))}
      </div>
    </div>
  );
}

interface StageLayerProps {
  readonly layer: DraftLayer;
  readonly name: string;
  readonly url: string | null;
  readonly base: Size;
  readonly stage: { readonly current: HTMLDivElement | null };
  readonly isChosen: boolean;
  readonly isReadOnly: boolean;
  onChoose(): void;
  onChange(change: Change): void;
}

type Grip = 'move' | 'resize' | 'turn';

const numberOf = (value: unknown, fallback: number) => (typeof value === 'number' ? value : fallback);

function StageLayer({ layer, name, url, base, stage, isChosen, isReadOnly, onChoose, onChange }: StageLayerProps) {
  const [own, onLoad] = useSize(url);
  const drag = useRef<{ grip: Grip; x: number; y: number; layer: DraftLayer; box: LayerBox } | null>(null);
  // What has not come yet is a square that can be placed all the same.
  const box = boxOf(layer, own ?? { width: base.width / 4, height: base.width / 4 }, base);
  const rotation = numberOf(layer['rotation'], 0);

  const begin = (grip: Grip) => (event: PointerEvent<HTMLElement>) => {
    if (isReadOnly || event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    onChoose();
    drag.current = { grip, x: event.clientX, y: event.clientY, layer, box };
  };
  const move = (event: PointerEvent<HTMLElement>) => {
    const start = drag.current;
    const area = stage.current?.getBoundingClientRect();
    if (start === null || area === undefined) return;
    event.stopPropagation();
    const dx = ((event.clientX - start.x) / area.width) * 100;
    const dy = ((event.clientY - start.y) / area.height) * 100;
    if (start.grip === 'move') onChange(moved(start.layer, dx, dy));
    if (start.grip === 'resize') onChange(resized(start.layer, start.box, dx));
    if (start.grip !== 'turn') return;
    const middleX = area.left + ((start.box.left + start.box.width / 2) * area.width) / 100;
    const middleY = area.top + ((start.box.top + start.box.height / 2) * area.height) / 100;
    onChange({ rotation: angleTo(event.clientX - middleX, event.clientY - middleY) });
  };
  const end = () => (drag.current = null);
  const pointer = (grip: Grip) => ({
    onPointerDown: begin(grip),
    onPointerMove: move,
    onPointerUp: end,
    onPointerCancel: end,
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const by = arrowStep(event);
    if (by === null || isReadOnly) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey) onChange({ rotation: rotation + by[0] + by[1] });
    else onChange(event.shiftKey ? resized(layer, box, by[0] || -by[1]) : moved(layer, ...by));
  };

  const style: CSSProperties = {
    left: `${box.left}%`,
    top: `${box.top}%`,
    width: `${box.width}%`,
    height: `${box.height}%`,
    transform: `rotate(${rotation}deg)`,
  };
  const blend = typeof layer['blend'] === 'string' ? layer['blend'] : 'normal';
  return (
    <>
      {url !== null && (
        <img
          src={stageUrlOf(url)}
          alt=""
          draggable={false}
          onLoad={(event) => onLoad(event.currentTarget)}
          style={{
            ...style,
            opacity: numberOf(layer['opacity'], 100) / 100,
            mixBlendMode: (blend === 'add' ? 'plus-lighter' : blend) as CSSProperties['mixBlendMode'],
          }}
          className="pointer-events-none absolute max-w-none"
        />
      )}
      <div
        role="group"
        aria-label={`${name}: left ${Math.round(box.left)} %, top ${Math.round(box.top)} %, width ${Math.round(box.width)} %, turned by ${rotation}°. Arrow keys move it, with Shift they resize it, with Ctrl they turn it.`}
        tabIndex={isReadOnly ? -1 : 0}
        onFocus={onChoose}
        onKeyDown={onKeyDown}
        {...pointer('move')}
        style={style}
        className={`absolute cursor-move border ${isChosen ? 'border-accent' : 'border-dashed border-line-strong'}`}
      >
        {isChosen && !isReadOnly && (
          <>
            <span
              data-grip="resize"
              {...pointer('resize')}
              className="absolute right-0 bottom-0 size-3.5 translate-x-1/2 translate-y-1/2 cursor-nwse-resize rounded-full border-2 border-surface bg-accent"
            />
            <span
              data-grip="turn"
              {...pointer('turn')}
              className="absolute top-0 left-1/2 size-3.5 -translate-1/2 cursor-grab rounded-full border-2 border-accent bg-surface"
            />
          </>
        )}
      </div>
    </>
  );
}
