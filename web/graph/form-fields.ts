import { z } from 'zod';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { fileTypes, type FileType } from '../../core/data-types/table.ts';

/** The controls a form can draw; one component each. */
export type Control =
  | 'text'
  | 'textarea'
  | 'lines'
  | 'number'
  | 'slider'
  | 'switch'
  | 'select'
  | 'color'
  | 'url'
  | 'file'
  | 'files'
  | 'model'
  | 'secret'
  | 'json';

/** One control of a drawn form, read from the node type's JSON schema. */
export interface FormField {
  readonly name: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly control: Control;
  readonly placeholder: string | undefined;
  readonly unit: string | undefined;
  /** Of a file, or of each file of a list: what it has to be. */
  readonly dataType: FileType | undefined;
  /** Of a model: what it is asked for. */
  readonly task: string | undefined;
  /** Of a file: the field that says where it is instead; the two are one control. */
  readonly addressField: string | undefined;
  readonly min: number | undefined;
  /** `min` is not allowed itself. */
  readonly isMinExcluded: boolean;
  readonly max: number | undefined;
  readonly step: number | undefined;
  readonly isInteger: boolean;
  /** Digits are shown as they are, not rounded to two. */
  readonly isExact: boolean;
  readonly options: readonly string[];
  /** The field with a list of what can be chosen, where `options` does not say it. */
  readonly optionsField: string | undefined;
  /** Of lines: the field with the data type of what stands in each. Default: they are texts. */
  readonly typeField: string | undefined;
  /** What the options are called; one that is not named is called as it is written. */
  readonly labels: Readonly<Record<string, string>>;
  /** It counts only while another field has one of these values; it is not drawn otherwise. */
  readonly shownWhen: ShownWhen | undefined;
  /** Of the details: on the node it is behind a button. */
  readonly isInspectorOnly: boolean;
  readonly defaultValue: unknown;
}

/** Which values of which field make another one count. */
interface ShownWhen {
  readonly field: string;
  readonly values: readonly unknown[];
}

const controls: readonly Control[] = [
  'text',
  'textarea',
  'lines',
  'number',
  'slider',
  'switch',
  'select',
  'color',
  'url',
  'file',
  'files',
  'model',
  'secret',
  'json',
];

const propertySchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  control: z.string().optional(),
  placeholder: z.string().optional(),
  unit: z.string().optional(),
  dataType: z.enum(fileTypes).optional().catch(undefined),
  items: z
    .looseObject({ dataType: z.enum(fileTypes).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  typeField: z.string().optional(),
  task: z.string().optional(),
  addressField: z.string().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  step: z.number().optional(),
  exact: z.boolean().optional(),
  enum: z.array(z.unknown()).optional(),
  optionsField: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  shownWhen: z.object({ field: z.string(), values: z.array(z.unknown()) }).optional(),
  place: z.literal('inspector').optional(),
  default: z.unknown().optional(),
});

/** A field that may also be null is drawn as what it is otherwise. */
const nullableSchema = z
  .looseObject({ anyOf: z.tuple([z.looseObject({}), z.looseObject({ type: z.literal('null') })]) })
  .transform(({ anyOf: [inner], ...outer }) => ({ ...inner, ...outer }));

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.union([nullableSchema.pipe(propertySchema), propertySchema])).optional(),
});

/** The form of a node type, from the JSON Schema of its data. The label is edited in the node's header instead. */
export function fieldsOf(schema: Readonly<Record<string, unknown>>): FormField[] {
  return fieldsIn(schema).filter(({ name }) => name !== 'label');
}

/** A field for each property of the JSON Schema of an object. */
export function fieldsIn(schema: Readonly<Record<string, unknown>>): FormField[] {
  const properties = objectSchema.parse(schema).properties ?? {};
  return Object.entries(properties).map(([name, property]) => ({
    name,
    title: property.title ?? titleFrom(name),
    description: property.description,
    control: controlOf(property),
    placeholder: property.placeholder,
    unit: property.unit,
    dataType: property.dataType ?? property.items?.dataType,
    task: property.task,
    addressField: property.addressField,
    ...leastOf(property),
    max: property.maximum,
    step: property.step,
    isInteger: property.type === 'integer',
    isExact: property.exact === true,
    options: (property.enum ?? []).map(String),
    optionsField: property.optionsField,
    typeField: property.typeField,
    labels: property.labels ?? {},
    shownWhen: property.shownWhen,
    isInspectorOnly: property.place === 'inspector',
    defaultValue: property.default,
  }));
}

/** By schema: it is one for all nodes of a type, whatever handles each of them has. */
const drawnFields = new WeakMap<NodeTypeInfo['schema'], readonly FormField[]>();

/** The fields of a node type that have a control of their own. */
export function drawnFieldsOf(info: NodeTypeInfo): readonly FormField[] {
  const known = drawnFields.get(info.schema);
  if (known !== undefined) return known;
  const all = fieldsOf(info.schema);
  const addresses = new Set(all.map(({ addressField }) => addressField));
  const fields = all.filter(({ name }) => !addresses.has(name));
  drawnFields.set(info.schema, fields);
  return fields;
}

/** The inputs that stand in rows of their own below the header of a node; the others stand beside their fields. */
export function inputsInRows(info: NodeTypeInfo): NodeTypeInfo['inputs'] {
  return info.inputs.filter(
    ({ configField }) => drawnFieldsOf(info).find(({ name }) => name === configField)?.isInspectorOnly !== false,
  );
}

/** Whether a field counts with this data: the one that it depends on has a value that asks for it. */
export function isShown(
  { shownWhen }: FormField,
  data: Readonly<Record<string, unknown>>,
  fields: readonly FormField[],
): boolean {
  if (shownWhen === undefined) return true;
  const value = data[shownWhen.field] ?? fields.find(({ name }) => name === shownWhen.field)?.defaultValue;
  return shownWhen.values.includes(value);
}

/** The fields of a node type that files are uploaded into. */
export function fileFieldsOf(info: NodeTypeInfo | undefined): readonly FormField[] {
  return info === undefined ? [] : drawnFieldsOf(info).filter(({ control }) => control === 'file');
}

function leastOf({
  minimum,
  exclusiveMinimum,
}: z.infer<typeof propertySchema>): Pick<FormField, 'min' | 'isMinExcluded'> {
  const isMinExcluded = exclusiveMinimum !== undefined && exclusiveMinimum >= (minimum ?? -Infinity);
  return { min: isMinExcluded ? exclusiveMinimum : minimum, isMinExcluded };
}

function controlOf(property: z.infer<typeof propertySchema>): Control {
  const named = controls.find((control) => control === property.control);
  if (named !== undefined) return named;
  if (property.enum !== undefined) return 'select';
  if (property.type === 'number' || property.type === 'integer') return 'number';
  if (property.type === 'boolean') return 'switch';
  if (property.type === 'string') return 'text';
  return 'json';
}

/** `maxOutputTokens`, `x_percent` -> "Max output tokens", "X percent". */
function titleFrom(name: string): string {
  const words = name
    .replace(/_/g, ' ')
    .replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
