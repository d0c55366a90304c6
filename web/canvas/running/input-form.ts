import { ApiError } from '../../api/api-error.ts';
import { fieldsIn, type FormField } from '../../graph/form-fields.ts';
import { readNumber } from '../../ui/read-number.ts';
import type { KeptInputs } from './kept-inputs.ts';

/** An input of a workflow that its form asks for. */
export interface AskedInput {
  readonly field: FormField;
  /** The workflow has no value of its own for it. */
  readonly isRequired: boolean;
}

/** What stands in the form, by name. Numbers and JSON are kept as they are typed; undefined: nothing. */
export type FormValues = Readonly<Record<string, unknown>>;

/** What is wrong in the form, by name. */
export type FormErrors = Readonly<Record<string, string>>;

/** The inputs to ask for, from the JSON Schema of all of them; hidden ones are left out. */
export function askedInputs(schema: Readonly<Record<string, unknown>>): AskedInput[] {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, { readonly hidden?: unknown }>>;
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  return fieldsIn(schema)
    .filter(({ name }) => properties[name]?.hidden !== true)
    .map((field) => ({ field, isRequired: required.has(field.name) }));
}

/**
 * What the form begins with: the value of the last time where it still fits and the workflow's own has not changed since,
 * else the workflow's own.
 */
export function firstValues(asked: readonly AskedInput[], kept: KeptInputs): FormValues {
  return Object.fromEntries(
    asked.map(({ field }) => {
      const last = Object.hasOwn(kept, field.name) ? kept[field.name] : undefined;
      const isLast = last !== undefined && isSame(last.own, field.defaultValue) && fits(field, last.value);
      const value = isLast ? last.value : field.defaultValue;
      if (field.control === 'json') return [field.name, value === undefined ? '' : JSON.stringify(value, null, 2)];
      if (field.control === 'number') return [field.name, String(value ?? '')];
      return [field.name, field.control === 'switch' ? value === true : value];
    }),
  );
}

/** The values to run with, without those that are the workflow's own; and what is wrong with the others. */
export function readForm(
  asked: readonly AskedInput[],
  values: FormValues,
): { inputs: Record<string, unknown>; errors: FormErrors } {
  const inputs: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const { field, isRequired } of asked) {
    const { name } = field;
    const read = readValue(field, values[name]);
    if (read.error !== undefined) errors[name] = read.error;
    else if (read.value === undefined) {
      if (isRequired) errors[name] = 'This input is required. Enter a value.';
    } else if (isRequired || !isSame(read.value, field.defaultValue)) inputs[name] = read.value;
  }
  return { inputs, errors };
}

/** What to remember of values that were read from the form, for the next time. */
export function keptFrom(asked: readonly AskedInput[], inputs: Readonly<Record<string, unknown>>): KeptInputs {
  return Object.fromEntries(
    asked.flatMap(({ field: { name, defaultValue } }) =>
      Object.hasOwn(inputs, name) ? [[name, { value: inputs[name], own: defaultValue }]] : [],
    ),
  );
}

/** What the server says of inputs of the form, by name; null where it says something else as well, or nothing of them. */
export function errorsByName(asked: readonly AskedInput[], error: unknown): FormErrors | null {
  const found = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  const names = new Map(asked.map(({ field: { name } }) => [`inputs.${name}`, name]));
  const told = found.flatMap(({ path, message }) => {
    const name = names.get(path ?? '');
    return name === undefined ? [] : [[name, message] as const];
  });
  return told.length === 0 || told.length < found.length ? null : Object.fromEntries(told);
}

function readValue(field: FormField, value: unknown): { value?: unknown; error?: string } {
  const { control, defaultValue } = field;
  if (control === 'number') {
    // Nothing is mended here: the server says which numbers it takes.
    const read = readNumber(String(value ?? ''), {});
    return read.kind === 'other' ? { error: read.words } : read.kind === 'value' ? { value: read.value } : {};
  }
  if (control === 'json') {
    const text = String(value ?? '');
    if (text.trim() === '') return {};
    try {
      return { value: JSON.parse(text) as unknown };
    } catch {
      return { error: 'This is not valid JSON. Check its quotes, commas and brackets.' };
    }
  }
  if (control === 'lines' || control === 'files') {
    const lines = Array.isArray(value) ? value.filter((line) => String(line).trim() !== '') : [];
    return lines.length === 0 ? {} : { value: lines };
  }
  const isText = control === 'text' || control === 'textarea';
  // A text of the workflow can be emptied; everything else that is empty leaves the workflow its own value.
  if (value === '' && !(isText && defaultValue !== undefined)) return {};
  return value === null ? {} : { value };
}

function fits({ control, options }: FormField, value: unknown): boolean {
  if (control === 'json') return true;
  if (control === 'number') return typeof value === 'number';
  if (control === 'lines' || control === 'files') return Array.isArray(value);
  if (control === 'switch') return typeof value === 'boolean';
  return typeof value === 'string' && (control !== 'select' || options.includes(value));
}

/** By content; undefined is the same as undefined only. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
