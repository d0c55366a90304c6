import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { rowOf } from '../../core/data-types/table.ts';
import { infoOf } from './catalogue.ts';
import { drawnFieldsOf, inputsInRows, isShown, type Control } from './form-fields.ts';
import { keptTypes, lookOf } from './look.ts';
import { expectedHeight, rowHeight } from './node-size.ts';

/** Of the control of a field with its title and the gap to the next one, empty, in pixels of the canvas. */
const controlHeights: Record<Control, number> = {
  text: 60,
  textarea: 82,
  lines: 122,
  number: 60,
  slider: 52,
  switch: 28,
  select: 60,
  color: 60,
  url: 60,
  file: 266,
  files: 122,
  model: 60,
  // With the way to the place where secrets are saved.
  secret: 130,
  json: 102,
};
/** Of the button in front of the details. */
const moreHeight = 28;

/** The height to reckon with for a node with this data that has not been measured. */
export function heightToCome(type: string, data: Readonly<Record<string, unknown>>): number {
  const base = keptTypes.get(type);
  if (base === undefined) return expectedHeight(type);
  const fields = drawnFieldsOf(base);
  const valueOf = (name: string) => data[name] ?? fields.find((field) => field.name === name)?.defaultValue;
  const edited = lookOf(type).edited?.find(({ when }) =>
    Object.entries(when).every(([name, values]) => values.includes(valueOf(name))),
  );
  if (edited !== undefined) return edited.height;
  return expectedHeight(type) + changingHeight(type, data) - changingHeight(type, base.defaults);
}

/** Of all that may come and go with the data of a node. */
function changingHeight(type: string, data: Readonly<Record<string, unknown>>): number {
  const info = infoOf(keptTypes, { type, data })!;
  const fields = drawnFieldsOf(info).filter((field) => isShown(field, data, drawnFieldsOf(info)));
  const onNode = fields.filter(({ isInspectorOnly }) => !isInspectorOnly);
  const more = onNode.length < fields.length ? moreHeight : 0;
  const rows = Math.max(inputsInRows(info).length, info.outputs.length) * rowHeight;
  return onNode.reduce((sum, { control }) => sum + controlHeights[control], more + rows + resultHeight(info));
}

function resultHeight({ type, outputs }: NodeTypeInfo): number {
  const { showsOutput, results } = lookOf(type);
  const shown = showsOutput === true ? [] : outputs.filter(({ id }) => results?.includes(id) !== false);
  return shown.reduce((sum, { dataType }) => sum + rowOf(dataType).resultHeight, 0);
}
