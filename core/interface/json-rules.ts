import { z } from 'zod';
import { canonicalJson } from '../graph/canonical-json.ts';

/** Deeper ones are nobody's form. */
const maxDepth = 8;
const maxMembers = 200;

const types = ['string', 'number', 'integer', 'boolean', 'null', 'object', 'array'] as const;
type JsonType = (typeof types)[number];

/** The keywords of JSON Schema that the JSON inputs of a workflow may use. */
export interface JsonRules {
  readonly $schema?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly type?: JsonType | readonly JsonType[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly items?: JsonRules | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly properties?: Readonly<Record<string, JsonRules>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: boolean | JsonRules | undefined;
}

const count = z.number().int().nonnegative();

/** Rules that hold `depth` more levels of rules. */
function rulesOfDepth(depth: number): z.ZodType<JsonRules> {
  const inner = depth === 0 ? z.never() : describedAsObject(rulesOfDepth(depth - 1));
  return z.strictObject({
    $schema: z.string().optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    default: z.unknown().optional(),
    type: z.union([z.enum(types), z.array(z.enum(types)).min(1)]).optional(),
    enum: z.array(z.unknown()).min(1).max(maxMembers).optional(),
    const: z.unknown().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    exclusiveMinimum: z.number().optional(),
    exclusiveMaximum: z.number().optional(),
    minLength: count.optional(),
    maxLength: count.optional(),
    items: inner.optional(),
    minItems: count.optional(),
    maxItems: count.optional(),
    properties: z
      .record(z.string(), inner)
      .refine((members) => Object.keys(members).length <= maxMembers)
      .optional(),
    required: z.array(z.string()).max(maxMembers).optional(),
    additionalProperties: z.union([z.boolean(), inner]).optional(),
  });
}

/**
 * Held against `rules` and described as any object: the JSON Schema of all levels, each written out three times in the one
 * above it, has eleven megabytes.
 */
function describedAsObject(rules: z.ZodType<JsonRules>): z.ZodType<JsonRules> {
  return z.looseObject({}).superRefine((value, context) => {
    for (const issue of rules.safeParse(value).error?.issues ?? []) context.addIssue({ ...issue });
  });
}

/**
 * What a JSON input may be held against. Patterns and references are not among it: values are checked on the server, and
 * none may take longer than it is long.
 */
export const jsonRulesSchema = rulesOfDepth(maxDepth);

/** What is wrong with a value, after its place in it, such as `.size[2] is less than 1`; null where it fits. */
export function jsonMismatch(rules: JsonRules, value: unknown, place = ''): string | null {
  const wrong = typeMismatch(rules, value) ?? limitMismatch(rules, value);
  if (wrong !== null) return `${place === '' ? 'the value' : place} ${wrong}`;
  if (Array.isArray(value)) return listMismatch(rules, value, place);
  return typeof value === 'object' && value !== null
    ? objectMismatch(rules, value as Readonly<Record<string, unknown>>, place)
    : null;
}

function typeMismatch(rules: JsonRules, value: unknown): string | null {
  const allowed = rules.type === undefined ? null : [rules.type].flat();
  if (allowed !== null && !allowed.some((type) => isOfType(value, type)))
    return `is not of the type ${allowed.join(' or ')}`;
  const isSame = (other: unknown) => canonicalJson(other) === canonicalJson(value);
  if (rules.enum !== undefined && !rules.enum.some(isSame)) {
    return `is none of ${rules.enum
      .map((each) => JSON.stringify(each))
      .join(', ')
      .slice(0, 200)}`;
  }
  return Object.hasOwn(rules, 'const') && rules.const !== undefined && !isSame(rules.const)
    ? `is not ${JSON.stringify(rules.const).slice(0, 200)}`
    : null;
}

function isOfType(value: unknown, type: JsonType): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
  }
}

function limitMismatch(rules: JsonRules, value: unknown): string | null {
  if (typeof value === 'number') {
    if (rules.minimum !== undefined && value < rules.minimum) return `is less than ${rules.minimum}`;
    if (rules.maximum !== undefined && value > rules.maximum) return `is more than ${rules.maximum}`;
    if (rules.exclusiveMinimum !== undefined && value <= rules.exclusiveMinimum)
      return `is not more than ${rules.exclusiveMinimum}`;
    if (rules.exclusiveMaximum !== undefined && value >= rules.exclusiveMaximum)
      return `is not less than ${rules.exclusiveMaximum}`;
  }
  if (typeof value === 'string')
    return lengthMismatch(Array.from(value).length, rules.minLength, rules.maxLength, 'characters');
  return Array.isArray(value) ? lengthMismatch(value.length, rules.minItems, rules.maxItems, 'items') : null;
}

function lengthMismatch(length: number, min: number | undefined, max: number | undefined, what: string): string | null {
  if (min !== undefined && length < min) return `has fewer than ${min} ${what}`;
  return max !== undefined && length > max ? `has more than ${max} ${what}` : null;
}

function listMismatch({ items }: JsonRules, value: readonly unknown[], place: string): string | null {
  if (items === undefined) return null;
  for (const [index, item] of value.entries()) {
    const wrong = jsonMismatch(items, item, `${place}[${index}]`);
    if (wrong !== null) return wrong;
  }
  return null;
}

function objectMismatch(rules: JsonRules, value: Readonly<Record<string, unknown>>, place: string): string | null {
  const missing = rules.required?.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${place}.${missing} is missing`;
  const { properties = {}, additionalProperties = true } = rules;
  for (const [name, member] of Object.entries(value)) {
    const inner = Object.hasOwn(properties, name) ? properties[name]! : additionalProperties;
    if (inner === false) return `${place}.${name.slice(0, 100)} is not known`;
    const wrong = inner === true ? null : jsonMismatch(inner, member, `${place}.${name}`);
    if (wrong !== null) return wrong;
  }
  return null;
}
