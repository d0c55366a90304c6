import jmespath from 'jmespath';
import type { JsonValue } from '../../../core/node-type/values.ts';

/** Takes a part out of data; undefined where there is nothing. Throws an Error with words for people. */
export type Query = (data: JsonValue) => JsonValue | undefined;

/**
 * Reads an expression: JMESPath, or a JSON pointer (RFC 6901) where it begins with a slash. What is wrong with it is
 * given as text. Only what the data itself has is found, nothing that all objects of the language have.
 */
export function readQuery(expression: string): Query | string {
  const text = expression.trim();
  if (text === '') return 'There is no expression. Enter one, such as "items[0].title".';
  return text.startsWith('/') ? readPointer(text) : readJmesPath(text);
}

function readPointer(pointer: string): Query | string {
  if (/~(?![01])/.test(pointer)) return 'In a JSON pointer "~" is written "~0", and "/" in a name "~1".';
  const keys = pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return (data) => keys.reduce<JsonValue | undefined>((value, key) => memberOf(value, key), data);
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  if (Array.isArray(value)) return /^(?:0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
  return value[key];
}

/** A part of a parsed expression, as far as it is looked at. */
interface Part {
  readonly type: string;
  readonly name?: unknown;
  readonly children?: readonly Part[];
  readonly value?: Part | string;
}

const { compile } = jmespath as unknown as { compile(expression: string): Part };

/** How often an expression may take the same data into its result: what is doubled twenty times is a million of it. */
const maxCopies = 10_000;
/** Texts and members that all the copies may have together: a moment's work, in any process. */
const maxCopied = 16_000_000;

function readJmesPath(expression: string): Query | string {
  let copies: number;
  try {
    copies = copiesIn(compile(expression));
    if (copies > maxCopies) return 'The expression multiplies its data too often. Make it shorter.';
  } catch (error) {
    return `The expression cannot be read: ${wordsOf(error)}. See jmespath.org.`;
  }
  return (data) => {
    if (copies > 1 && copies * JSON.stringify(data).length > maxCopied)
      throw new Error('The expression multiplies its data too often for so much data. Make it shorter.');
    try {
      const found = jmespath.search(bare(data), expression) as JsonValue | undefined;
      return found === null ? undefined : found;
    } catch (error) {
      throw new Error(`The expression does not fit the data: ${wordsOf(error)}.`, { cause: error });
    }
  };
}

/** Of a text that is put between others and comes from the data: then the length of one is multiplied by the number of the others. */
const foundGlue = 1_000;

/** An upper bound of how often the expression copies what it is given. */
function copiesIn(part: Part): number {
  const { type, children = [], value } = part;
  if (type === 'Literal') return 1;
  const inner = [...children, ...(typeof value === 'object' ? [value] : [])].map(copiesIn);
  const sum = inner.reduce((total, count) => total + count, 0);
  const product = inner.reduce((total, count) => total * count, 1);
  // Parts of a list stand beside each other, those of a pipe come one after the other.
  if (type === 'MultiSelectList' || type === 'MultiSelectHash') return Math.max(1, sum);
  if (type !== 'Function') return product;
  // An expression that is handed to a function works on what the other arguments give.
  const isApplied = children.some((child) => child.type === 'ExpressionReference');
  return (isApplied ? product : Math.max(1, sum)) * timesLonger(part);
}

/** How many times as long as its arguments the result of a function may be. */
function timesLonger({ name, children = [] }: Part): number {
  // Text within text is written with twice the backslashes.
  if (name === 'to_string') return 2;
  if (name !== 'join') return 1;
  const [glue] = children;
  return glue?.type === 'Literal' && typeof glue.value === 'string' ? 1 + glue.value.length : foundGlue;
}

/** The same data in objects that have no members but their own. */
function bare(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  return Object.assign(
    Object.create(null) as Record<string, JsonValue>,
    Object.fromEntries(Object.entries(value).map(([key, member]) => [key, bare(member)])),
  );
}

/** Kinds of values by the numbers that the library gives in some of its messages. */
const kinds = [
  'number',
  'any',
  'string',
  'array',
  'object',
  'boolean',
  'expression',
  'null',
  'array of numbers',
  'array of strings',
];

function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/^TypeError: /, '')
    .replace(
      /expected (\d), received (\d)/,
      (_, one: string, other: string) => `expected ${kinds[Number(one)]}, received ${kinds[Number(other)]}`,
    )
    .replace(/\.$/, '');
}
