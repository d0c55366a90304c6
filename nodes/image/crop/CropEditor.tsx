import { useState } from 'react';
import { useIsReadOnly, useKnownInputs, useNodeData, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import { BoxStage, stageUrlOf } from '../../../web/ui/BoxStage.tsx';
import type { ImageBox } from '../../../web/ui/drag-box.ts';
import { Field, NumberInput } from '../../../web/ui/Field.tsx';
import { mediaUrlOf, type NodeEditorProps } from '../../../web/ui/node-editor.ts';

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

/** See `cropImageEditor`. */
export function CropEditor({ nodeId }: NodeEditorProps) {
  const data = useNodeData(nodeId);
  const inputs = useKnownInputs(nodeId);
  const isReadOnly = useIsReadOnly();
  const update = useUpdateNode(nodeId);
  const box: ImageBox = {
    x: numberOf(data['x_percent'], 0),
    y: numberOf(data['y_percent'], 0),
    width: numberOf(data['width_percent'], 100),
    height: numberOf(data['height_percent'], 100),
  };
  const url = stageUrlOf(mediaUrlOf(inputs['image_url']));
  const [words, setWords] = useState<string | null>(null);
  const set = (next: ImageBox) =>
    update({ x_percent: next.x, y_percent: next.y, width_percent: next.width, height_percent: next.height });
  return (
    <div className="flex flex-col gap-2">
      {url === null ? (
        <p className="flex h-52 items-center justify-center rounded-md border border-dashed border-line-strong bg-field px-3 text-center text-xs text-muted">
          Connect an image to draw the crop box on it.
        </p>
      ) : (
        <BoxStage
          key={url}
          url={url}
          alt="Image to crop"
          name="Crop box"
          box={box}
          isReadOnly={isReadOnly}
          onChange={set}
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
