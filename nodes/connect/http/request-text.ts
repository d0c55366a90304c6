import { parseTemplate, type Placeholder } from '../../text/template/template.ts';

/** `{{secret.NAME}}` is no input: it stands for one of the user's secrets. */
export const secretRoot = 'secret';

/** One line of a list of headers, parameters or form fields. */
export interface NamedLine {
  readonly name: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/** What is wrong with a field of text, in a sentence. */
export interface TextFlaw {
  readonly message: string;
}

/** Splits lines such as `Name: value` or `name=value`, empty ones left out. */
export function readLines(
  text: string,
  separator: ':' | '=',
): { readonly lines: readonly NamedLine[]; readonly flaws: readonly TextFlaw[] } {
  const lines: NamedLine[] = [];
  const flaws: TextFlaw[] = [];
  for (const [index, each] of text.split('\n').entries()) {
    if (each.trim() === '') continue;
    const at = each.indexOf(separator);
    const name = at === -1 ? '' : each.slice(0, at).trim();
    if (name === '') {
      const example = separator === ':' ? 'Name: value' : 'name=value';
      flaws.push({ message: `Line ${index + 1} has no name. Write it as ${example}.` });
      continue;
    }
    lines.push({ name, value: each.slice(at + 1).trim(), line: index + 1 });
  }
  return { lines, flaws };
}

/** Every text in a value of JSON, its names left out. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** JSON as it is written, or null where it is none. */
export function readJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

/** The places of a text. */
export function placesIn(text: string): readonly Placeholder[] {
  return parseTemplate(text).parts.filter((part) => typeof part !== 'string');
}

/** The secret that a place stands for; null where it is an input. */
export function secretOf(place: Placeholder): string | null {
  return place.name === secretRoot && place.path.length === 1 ? (place.path[0] ?? null) : null;
}
