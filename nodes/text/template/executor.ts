import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { assetsIn, type JsonValue, type NodeInputs } from '../../../core/node-type/values.ts';
import { templateNode } from './definition.ts';
import { parseTemplate, type Placeholder } from './template.ts';

/** Throws NODE_DATA_INVALID where the template cannot be read, INPUT_MISSING without a value, TYPE_MISMATCH for files. */
export const templateExecutor = defineExecutor(templateNode, async ({ config, inputs }) => {
  const { parts, flaws } = parseTemplate(config.template);
  const [flaw] = flaws;
  if (flaw !== undefined)
    throw new TerminalError('NODE_DATA_INVALID', `Line ${flaw.line}, column ${flaw.column}: ${flaw.message}`);
  return { output: parts.map((part) => (typeof part === 'string' ? part : written(part, inputs))).join('') };
});

/** The value of a place, filters applied. Throws INPUT_MISSING where there is none, TYPE_MISMATCH for a file. */
export function valueAt(place: Placeholder, inputs: NodeInputs): JsonValue {
  const { filters } = place;
  let value = found(place, inputs);
  for (const { name, argument } of filters) {
    if (name === 'default') {
      if (isMissing(value)) value = argument;
      continue;
    }
    if (isMissing(value)) continue;
    value = filtered(place, name, value as JsonValue, argument);
  }
  if (isMissing(value)) {
    throw complaint('INPUT_MISSING', place, 'has no value. Connect one, or write a default: "text" behind it.');
  }
  return value as JsonValue;
}

/** As `valueAt`, written down. */
export function written(place: Placeholder, inputs: NodeInputs): string {
  const value = valueAt(place, inputs);
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value);
}

/** Missing and nothing (null) are the same: neither can be written down. */
function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function found(place: Placeholder, inputs: NodeInputs): JsonValue | undefined {
  let value: unknown = Object.hasOwn(inputs, place.name) ? inputs[place.name] : undefined;
  if (value !== undefined && assetsIn(value as JsonValue).length > 0) {
    throw complaint('TYPE_MISMATCH', place, 'is a file, which cannot be written into a text.');
  }
  // Data in a text is data to whoever asks for a part of it.
  if (place.path.length > 0 && typeof value === 'string') value = parsed(value);
  for (const part of place.path) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string, unknown>)[part]
        : undefined;
  }
  return value as JsonValue | undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function filtered(place: Placeholder, name: string, value: JsonValue, argument: string | null): JsonValue | undefined {
  switch (name) {
    case 'json':
      return JSON.stringify(value);
    case 'upper':
      return textOf(place, name, value).toUpperCase();
    case 'lower':
      return textOf(place, name, value).toLowerCase();
    case 'trim':
      return textOf(place, name, value).trim();
    case 'first':
      return listOf(place, name, value)[0];
    case 'last':
      return listOf(place, name, value).at(-1);
    case 'size':
      // Letters as people count them, not halves of one.
      return typeof value === 'string'
        ? Array.from(new Intl.Segmenter().segment(value)).length
        : listOf(place, name, value).length;
    default:
      return listOf(place, name, value)
        .map((item) => (typeof item === 'string' ? item : JSON.stringify(item)))
        .join(argument ?? ', ');
  }
}

function textOf(place: Placeholder, filter: string, value: JsonValue): string {
  if (typeof value === 'object')
    throw complaint('TYPE_MISMATCH', place, `is no text, which the filter ${filter} needs.`);
  return String(value);
}

function listOf(place: Placeholder, filter: string, value: JsonValue): readonly JsonValue[] {
  const list = typeof value === 'string' ? parsed(value) : value;
  if (!Array.isArray(list)) throw complaint('TYPE_MISMATCH', place, `is no list, which the filter ${filter} needs.`);
  return list as JsonValue[];
}

function complaint(
  code: 'INPUT_MISSING' | 'TYPE_MISMATCH',
  { name, path, line, column }: Placeholder,
  what: string,
): TerminalError {
  const named = [name, ...path].join('.');
  return new TerminalError(code, `Line ${line}, column ${column}: {{${named}}} ${what}`, { details: { handle: name } });
}
