import { maxVariants } from '../../core/graph/variants.ts';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import type { NodeData } from '../graph/canvas-graph.ts';
import { drawnFieldsOf, isShown, type Control, type FormField } from '../graph/form-fields.ts';

/** One setting with the values that are tried of it. */
export interface Axis {
  readonly field: FormField;
  readonly values: readonly unknown[];
}

/** What is laid over the settings of a node in one variant; an undefined value takes the setting away. */
export type Change = Readonly<Record<string, unknown>>;

/** Settings of other kinds are files and lists: those are varied by connecting them. */
const variedControls: ReadonlySet<Control> = new Set([
  'text',
  'textarea',
  'number',
  'slider',
  'switch',
  'select',
  'color',
  'model',
]);

/** The settings of a node that can be varied: those that count now, and that no connection gives. */
export function variedFieldsOf(
  info: NodeTypeInfo,
  data: NodeData,
  connected: ReadonlySet<string>,
): readonly FormField[] {
  const fields = drawnFieldsOf(info);
  const given = new Set(info.inputs.flatMap(({ id, configField }) => (connected.has(id) ? [configField] : [])));
  return fields.filter(
    (field) => variedControls.has(field.control) && !given.has(field.name) && isShown(field, data, fields),
  );
}

/** Whether a setting is a seed: any other number of it gives another result. */
export function isSeed({ name, control, isInteger }: FormField): boolean {
  return name === 'seed' && control === 'number' && isInteger;
}

/** Different seeds within the limits of their field. `random` gives numbers of 0 to 1, without 1. */
export function seedsFor({ min = 0, max = 2_147_483_647 }: FormField, count: number, random: () => number): number[] {
  const seeds = new Set<number>();
  // Easy to read aloud and to type again, where the field takes as many.
  const most = Math.min(max, Math.max(min + count * 10, 999_999));
  while (seeds.size < Math.min(count, most - min + 1)) seeds.add(min + Math.floor(random() * (most - min + 1)));
  return [...seeds];
}

/** Every combination of the values of all settings, each so many times; equal values of one setting count once. */
export function changesOf(axes: readonly Axis[], times: number): readonly Change[] {
  let changes: readonly Change[] = [{}];
  for (const { field, values } of axes) {
    const different = [...new Map(values.map((value) => [JSON.stringify(value) ?? '', value])).values()];
    if (different.length === 0) continue;
    changes = changes.flatMap((change) => different.map((value) => ({ ...change, [field.name]: value })));
    // More are refused anyway: the product may be astronomical.
    if (changes.length > maxVariants) break;
  }
  return changes.flatMap((change) => Array.from({ length: times }, () => change));
}

/** As a request has it: what is taken away is null. */
export function requestedChange(change: Change): Record<string, unknown> {
  return Object.fromEntries(Object.entries(change).map(([name, value]) => [name, value ?? null]));
}

/** What a variant is made with, as people read it: the name of each setting, then its value. */
export function wordsOfChange(change: Change, fields: readonly FormField[]): readonly (readonly [string, string])[] {
  return Object.entries(change).map(([name, value]) => {
    const field = fields.find((each) => each.name === name);
    return [field?.title ?? name, wordsOf(value, field)];
  });
}

function wordsOf(value: unknown, field: FormField | undefined): string {
  if (value === undefined || value === null || value === '') return 'default';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return field?.labels[value] ?? value;
  const words = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? '');
  return field?.unit === undefined ? words : `${words} ${field.unit}`;
}
