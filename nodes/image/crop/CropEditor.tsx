import { useState } from 'react';
import { createStore, useStore, type StoreApi } from 'zustand';
import { useEnvironment } from '../../../web/canvas/environment.ts';
import {
  useConnectedHandles,
  useIsReadOnly,
  useKnownInputs,
  useNodeData,
  useUpdateNode,
} from '../../../web/canvas/node/use-node.ts';
import { BoxStage, stageUrlOf } from '../../../web/ui/BoxStage.tsx';
import { fitShape, resizeBox, type ImageBox } from '../../../web/ui/drag-box.ts';
import { Field, NumberInput } from '../../../web/ui/Field.tsx';
import { mediaUrlOf, type NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { useAsset } from '../../../web/ui/use-asset.ts';
import { RatioBar } from './RatioBar.tsx';
import { SameBox } from './SameBox.tsx';

const place = { min: 0, max: 100 };
const size = { min: 0, isMinExcluded: true, max: 100 };

const fields = [
  ['x_percent', 'Left', 0, place],
  ['y_percent', 'Top', 0, place],
  ['width_percent', 'Width', 100, size],
  ['height_percent', 'Height', 100, size],
] as const;

/** In pixels: with the row of shapes above it, the stage of a node is as high as the place of an image. */
const stageHeights = { node: 176, inspector: 208 };

/** Width by height, in pixels, that the box of a node keeps for as long as the page is open: the same on the node and beside it. */
type Locks = Readonly<Record<string, number | null>>;

/** Of each workflow that is open: nodes of one template have the same ids in all that were made of it. */
const known = new WeakMap<object, StoreApi<Locks>>();

function locksOf(workflow: object): StoreApi<Locks> {
  let locks = known.get(workflow);
  if (locks === undefined) known.set(workflow, (locks = createStore<Locks>(() => ({}))));
  return locks;
}

function numberOf(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

/** See `cropImageEditor`. */
export function CropEditor({ nodeId, place }: NodeEditorProps) {
  const data = useNodeData(nodeId);
  const inputs = useKnownInputs(nodeId);
  const isConnected = useConnectedHandles(nodeId).has('image_url');
  const isReadOnly = useIsReadOnly();
  const update = useUpdateNode(nodeId);
  const box: ImageBox = {
    x: numberOf(data['x_percent'], 0),
    y: numberOf(data['y_percent'], 0),
    width: numberOf(data['width_percent'], 100),
    height: numberOf(data['height_percent'], 100),
  };
  const source = mediaUrlOf(inputs['image_url']);
  const url = stageUrlOf(source);
  const { width: pixelWidth, height: pixelHeight } = useAsset(source) ?? {};
  const [aspect, setAspect] = useState<number | null>(null);
  const locks = locksOf(useEnvironment().store);
  const locked = useStore(locks, (state) => state[nodeId] ?? null);
  const shape = locked === null || aspect === null ? null : locked / aspect;
  const [words, setWords] = useState<string | null>(null);
  const set = (next: ImageBox) =>
    update({ x_percent: next.x, y_percent: next.y, width_percent: next.width, height_percent: next.height });
  const lock = (ratio: number | 'current' | null) => {
    if (aspect === null) return;
    const kept = ratio === 'current' ? (box.width / box.height) * aspect : ratio;
    locks.setState({ [nodeId]: kept });
    if (kept !== null && ratio !== 'current') set(fitShape(box, kept / aspect));
  };
  const type = (name: (typeof fields)[number][0], value: number) => {
    const side = name === 'width_percent' ? 'width' : name === 'height_percent' ? 'height' : null;
    if (side === null || shape === null) update({ [name]: value });
    else set(resizeBox(box, side, value, shape));
  };
  return (
    <div className="flex flex-col gap-2">
      {url !== null && <RatioBar locked={locked} isDisabled={isReadOnly || aspect === null} onLock={lock} />}
      {url === null ? (
        <p className="flex h-52 items-center justify-center rounded-md border border-dashed border-line-strong bg-field px-3 text-center text-xs text-muted">
          {isConnected
            ? 'The box is drawn on the image as soon as there is one.'
            : 'Connect an image to draw the crop box on it.'}
        </p>
      ) : (
        <BoxStage
          key={url}
          url={url}
          alt="Image to crop"
          name="Crop box"
          box={box}
          isReadOnly={isReadOnly}
          shape={shape}
          hasThirds
          height={stageHeights[place]}
          onChange={set}
          onAspect={setAspect}
        />
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
                onChange={(value) => value !== undefined && type(name, value)}
                onWords={(next) => setWords(next === null ? null : `${label}: ${next}`)}
                className="[&_input]:h-7 [&_input]:px-1.5 [&_input]:text-xs"
              />
            )}
          </Field>
        ))}
      </div>
      {place === 'inspector' && url !== null && (
        <div className="flex items-center justify-between gap-2 text-xs text-muted">
          {pixelWidth !== undefined && pixelHeight !== undefined && (
            <span>
              {Math.round((box.width / 100) * pixelWidth).toLocaleString()} ×{' '}
              {Math.round((box.height / 100) * pixelHeight).toLocaleString()} pixels
            </span>
          )}
          {!isReadOnly && <SameBox nodeId={nodeId} box={box} />}
        </div>
      )}
      {words !== null && (
        <p role="alert" className="text-xs text-danger">
          {words}
        </p>
      )}
    </div>
  );
}
