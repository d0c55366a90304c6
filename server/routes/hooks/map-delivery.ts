import type { ApiFinding } from '../../../core/api/common.ts';
import { FindingsError } from '../../../core/errors/findings-error.ts';
import type { JsonValue } from '../../../core/node-type/values.ts';
import { readQuery } from '../../../nodes/text/extract-json/query.ts';
import type { ReadDelivery } from './read-delivery.ts';

type Mapping = Readonly<Record<string, string>>;

/** Throws FindingsError with each expression that cannot be read. `path`: where they stand in the request. */
export function requireExpressions(expressions: Mapping, path: (name: string) => string): void {
  const findings = Object.entries(expressions).flatMap(([name, expression]): ApiFinding[] => {
    const query = readQuery(expression);
    return typeof query === 'string' ? [{ code: 'MAPPING_INVALID', message: query, path: path(name) }] : [];
  });
  refuse(findings);
}

/** Values that a run takes; a larger one is given by its address. */
const maxResult = 262_144;

/**
 * The inputs that a mapping makes of a delivery, beside those that are always the same. What finds nothing is left out.
 *
 * Throws FindingsError where an expression does not fit what arrived.
 */
export function mapDelivery(
  mapping: Mapping,
  always: Readonly<Record<string, unknown>>,
  { body, query, headers, files }: ReadDelivery,
): Record<string, unknown> {
  return mapValues(mapping, always, { body, query, headers, files });
}

/** The same of any value. Throws as `mapDelivery` does. */
export function mapValues(
  mapping: Mapping,
  always: Readonly<Record<string, unknown>>,
  from: JsonValue,
): Record<string, unknown> {
  const findings: ApiFinding[] = [];
  const inputs: Record<string, unknown> = { ...always };
  for (const [name, expression] of Object.entries(mapping)) {
    try {
      const value = find(expression, from);
      if (value !== undefined) inputs[name] = value;
    } catch (error) {
      findings.push({ code: 'MAPPING_INVALID', message: (error as Error).message, path: `mapping.${name}` });
    }
  }
  refuse(findings);
  return inputs;
}

/** What names a delivery; null where it has no such thing. */
export function deliveryIdOf(expression: string | null, delivery: ReadDelivery): string | null {
  if (expression === null) return null;
  try {
    const { body, query, headers, files } = delivery;
    const value = find(expression, { body, query, headers, files });
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  } catch {
    return null;
  }
}

function find(expression: string, from: JsonValue): JsonValue | undefined {
  const read = readQuery(expression);
  if (typeof read === 'string') throw new Error(read);
  const value = read(from);
  if (value !== undefined && sizeOf(value, maxResult) >= maxResult)
    throw new Error(`"${expression}" finds more than ${maxResult} characters. Name a smaller part.`);
  return value;
}

/** About as long as its JSON, and no further than `most`: what an expression repeats may be very large written out. */
function sizeOf(value: JsonValue, most: number): number {
  let size = 0;
  const waiting: JsonValue[] = [value];
  while (waiting.length > 0 && size < most) {
    const next = waiting.pop()!;
    if (typeof next === 'string') size += next.length + 2;
    else if (typeof next !== 'object' || next === null) size += 6;
    else {
      const entries = Array.isArray(next) ? next : Object.entries(next).flat();
      size += 2 + entries.length;
      if (size < most) waiting.push(...(entries as JsonValue[]));
    }
  }
  return size;
}

function refuse(findings: readonly ApiFinding[]): void {
  const [first] = findings;
  if (first !== undefined) throw new FindingsError('MAPPING_INVALID', first.message, findings);
}
