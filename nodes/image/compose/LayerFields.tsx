import { useState } from 'react';
import { anchorLabels } from '../../../core/node-type/image-fields.ts';
import { blendModes } from '../../../core/node-type/layer-fields.ts';
import { Field, NumberInput, TextInput } from '../../../web/ui/Field.tsx';
import { Select } from '../../../web/ui/Select.tsx';
import { Switch } from '../../../web/ui/Switch.tsx';
import type { DraftLayer } from './layers.ts';

interface LayerFieldsProps {
  readonly layer: DraftLayer;
  readonly place: 'node' | 'inspector';
  readonly isReadOnly: boolean;
  onChange(change: Readonly<Record<string, unknown>>): void;
}

const signed = { min: -1_000, max: 1_000, unit: '%' };
const side = { min: 0, isMinExcluded: true, max: 1_000, unit: '%' };

/** Name, title, what stands for nothing, rules. The node shows the first ones. */
const numbers = [
  ['width', 'Width', null, side],
  ['opacity', 'Opacity', 100, { min: 0, max: 100, unit: '%' }],
  ['rotation', 'Turn', 0, { min: -360, max: 360, unit: '°' }],
  ['x', 'Right by', 0, signed],
  ['y', 'Down by', 0, signed],
  ['height', 'Height', null, side],
] as const;
const shownOnNode = 3;

const titled = (value: string) => value.charAt(0).toUpperCase() + value.slice(1).replaceAll('-', ' ');
const anchors = Object.entries(anchorLabels).map(([value, label]) => ({ value, label }));
const blends = blendModes.map((value) => ({ value: value as string, label: titled(value) }));
const masks = [
  { value: 'none', label: 'None' },
  { value: 'brightness', label: 'Brightness of an image' },
  { value: 'alpha', label: 'Transparency of an image' },
];

/** The settings of one layer; all of them in the inspector. */
export function LayerFields({ layer, place, isReadOnly, onChange }: LayerFieldsProps) {
  const [words, setWords] = useState<string | null>(null);
  const isWhole = place === 'inspector';
  const choice = (name: string, label: string, standard: string, options: { value: string; label: string }[]) => (
    <Field label={label}>
      {() => (
        <Select
          label={label}
          value={typeof layer[name] === 'string' ? layer[name] : standard}
          disabled={isReadOnly}
          groups={[{ options }]}
          className="nodrag"
          onChange={(value) => onChange({ [name]: value })}
        />
      )}
    </Field>
  );
  return (
    <div className="flex flex-col gap-2">
      {isWhole && (
        <Field label="Name">
          {({ id }) => (
            <TextInput
              id={id}
              value={typeof layer['name'] === 'string' ? layer['name'] : ''}
              placeholder="Layer"
              disabled={isReadOnly}
              onChange={(event) => onChange({ name: event.target.value })}
            />
          )}
        </Field>
      )}
      <div className="grid grid-cols-3 gap-1">
        {numbers.slice(0, isWhole ? undefined : shownOnNode).map(([name, label, standard, rules]) => (
          <Field key={name} label={label}>
            {({ id }) => (
              <NumberInput
                id={id}
                aria-label={`${label} in ${rules.unit === '°' ? 'degrees' : 'percent'}`}
                value={typeof layer[name] === 'number' ? layer[name] : (standard ?? undefined)}
                placeholder="Auto"
                rules={rules}
                hasUnitShown={false}
                disabled={isReadOnly}
                onChange={(value) => onChange({ [name]: value ?? standard })}
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
      {isWhole && choice('blend', 'Blend', 'normal', blends)}
      {isWhole && choice('anchor', 'Begins at', 'center', anchors)}
      {isWhole && choice('mask', 'Mask', 'none', masks)}
      {isWhole && layer['mask'] !== undefined && layer['mask'] !== 'none' && (
        <div className="flex items-center justify-between">
          <span className="text-xs font-medium text-muted">Invert the mask</span>
          <Switch
            label="Invert the mask"
            checked={layer['isMaskInverted'] === true}
            disabled={isReadOnly}
            onChange={(isMaskInverted) => onChange({ isMaskInverted })}
          />
        </div>
      )}
    </div>
  );
}
