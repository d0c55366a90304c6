/** A place of a template that a value goes to: `{{ person.name | upper }}`. */
export interface Placeholder {
  /** The input that the value comes from. */
  readonly name: string;
  /** Where in that value, from the outside in. */
  readonly path: readonly string[];
  readonly filters: readonly { readonly name: FilterName; readonly argument: string | null }[];
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a template, and where. */
export interface TemplateFlaw {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** A template that has been read: what it consists of, and what is wrong with it. */
export interface Template {
  /** Texts as they are, and places in between. */
  readonly parts: readonly (string | Placeholder)[];
  /** The inputs that are named, each once, in the order of the text. */
  readonly names: readonly string[];
  readonly flaws: readonly TemplateFlaw[];
}

/** What can be done with a value before it is written down; `argument` says what stands behind the colon. */
export const filters = {
  join: { argument: 'optional', does: 'writes a list in one line, with what stands between: join: ", "' },
  json: { argument: 'none', does: 'writes any value as JSON in one line' },
  upper: { argument: 'none', does: 'uppercase letters' },
  lower: { argument: 'none', does: 'lowercase letters' },
  trim: { argument: 'none', does: 'without blanks around it' },
  first: { argument: 'none', does: 'the first of a list' },
  last: { argument: 'none', does: 'the last of a list' },
  size: { argument: 'none', does: 'how many there are in a list, or letters in a text' },
  default: { argument: 'needed', does: 'what stands in where there is no value: default: "none"' },
} as const satisfies Record<string, { argument: 'none' | 'optional' | 'needed'; does: string }>;
/** A filter that can follow a name, as in `{{name | upper}}`. */
export type FilterName = keyof typeof filters;

/** More inputs than this at one node cannot be told apart any more. */
export const maxNames = 50;

const namePattern = /^[A-Za-z_][\w-]*$/;
const partPattern = /^[\w-]+$/;
/** A filter: its name, and perhaps a text in quotes behind a colon. */
const filterPattern = /^(\w+)(?:\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'))?$/;

/** Takes a template apart. It always gives what can be read; `flaws` says what cannot. */
export function parseTemplate(text: string): Template {
  const parts: (string | Placeholder)[] = [];
  const names = new Set<string>();
  const flaws: TemplateFlaw[] = [];
  let from = 0;
  for (;;) {
    const start = text.indexOf('{{', from);
    if (start === -1) break;
    // `\{{` is no place but two braces.
    if (text[start - 1] === '\\') {
      parts.push(`${text.slice(from, start - 1)}{{`);
      from = start + 2;
      continue;
    }
    const end = text.indexOf('}}', start);
    const at = placeOf(text, start);
    if (end === -1) {
      flaws.push({ message: 'The braces {{ are not closed. Write }} behind the name, or \\{{ for two braces.', ...at });
      break;
    }
    if (start > from) parts.push(text.slice(from, start));
    const read = readPlace(text.slice(start + 2, end).trim());
    if (typeof read === 'string') flaws.push({ message: read, ...at });
    else {
      names.add(read.name);
      parts.push({ ...read, ...at });
    }
    from = end + 2;
  }
  if (from < text.length) parts.push(text.slice(from));
  if (names.size > maxNames) {
    flaws.push({
      message: `The template has ${names.size} names; up to ${maxNames} are possible.`,
      line: 1,
      column: 1,
    });
  }
  return { parts, names: [...names].slice(0, maxNames), flaws };
}

function placeOf(text: string, index: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, index).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

function readPlace(inside: string): Omit<Placeholder, 'line' | 'column'> | string {
  const [value = '', ...rest] = splitOutsideQuotes(inside);
  const [name = '', ...path] = value.split('.');
  if (value === '') return 'There is no name between the braces.';
  if (!namePattern.test(name) || !path.every((part) => partPattern.test(part))) {
    return `"${value}" is not a name. Use letters, digits, _ and -, as in {{ title }} or {{ person.name }}.`;
  }
  const found: Placeholder['filters'][number][] = [];
  for (const filter of rest) {
    const read = readFilter(filter);
    if (typeof read === 'string') return read;
    found.push(read);
  }
  return { name, path, filters: found };
}

/** Pieces between bars; a bar in quotes is part of a text. */
function splitOutsideQuotes(text: string): string[] {
  const pieces = text.match(/(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^|])+|(?<=\|)(?=\||$)/g) ?? [];
  return pieces.map((piece) => piece.trim());
}

function readFilter(text: string): Placeholder['filters'][number] | string {
  const [, name = '', double, single] = filterPattern.exec(text) ?? [];
  if (!Object.hasOwn(filters, name)) {
    return `"${text}" is not a filter. There are: ${Object.keys(filters).join(', ')}.`;
  }
  const argument = double ?? single ?? null;
  const rule = filters[name as FilterName].argument;
  if (rule === 'needed' && argument === null) return `The filter ${name} needs a text: ${name}: "text".`;
  if (rule === 'none' && argument !== null) return `The filter ${name} takes no text.`;
  return { name: name as FilterName, argument: argument === null ? null : unescaped(argument) };
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter === 't' ? '\t' : letter));
}
