import { createReadStream } from 'node:fs';
import { createJsonCheck } from './json-check.ts';

/** So much of a text shows what it is, in characters. */
const headLength = 65_536;

/** Records that are compared to tell a table from prose. */
const comparedRecords = 50;

/** What no text holds: control characters but tab, line breaks and form feed. */
const control = /[^\P{Cc}\t\n\f\r\u0080-\u009f]/u;

/** A number, a line with the time from and to, and what is said then. */
const subtitles = /^\s*\d+[ \t]*\r?\n\d{1,3}:\d{2}:\d{2}[,.]\d{1,3}[ \t]*-->[ \t]*\d{1,3}:\d{2}:\d{2}[,.]\d{1,3}/;

/**
 * The content type of a text file by what stands in it: JSON, subtitles (SRT),
 * a table of values (CSV) or else plain text. `text/plain; charset=unknown` is text in
 * another encoding than UTF-8, and null is no text at all. The file is read as it
 * comes; beyond `maxBytes` only its head counts.
 */
export async function textTypeOf(file: string, { maxBytes }: { readonly maxBytes: number }): Promise<string | null> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const json = createJsonCheck();
  let head = '';
  for await (const chunk of createReadStream(file, { end: Math.max(0, maxBytes - 1) }) as AsyncIterable<Buffer>) {
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch {
      return control.test(chunk.toString('latin1')) ? null : 'text/plain; charset=unknown';
    }
    if (control.test(text)) return null;
    json.add(text);
    if (head.length < headLength) head += text.slice(0, headLength - head.length);
  }
  try {
    decoder.decode();
  } catch {
    // Cut off within a character: by the limit, or damaged at its very end.
    return 'text/plain; charset=unknown';
  }
  if (json.isJson) return 'application/json';
  if (subtitles.test(head)) return 'application/x-subrip';
  return isTable(head) ? 'text/csv' : 'text/plain';
}

/** Whether every record has as many fields as the first one, at least two, by one of the usual separators. */
function isTable(head: string): boolean {
  return [',', ';', '\t'].some((separator) => {
    const counts = fieldCounts(head, separator);
    const [first = 0] = counts;
    return counts.length >= 2 && first >= 2 && counts.every((count) => count === first);
  });
}

/** Fields in each of the first records (RFC 4180): what stands in quotes may hold separators and line breaks. */
function fieldCounts(text: string, separator: string): number[] {
  const counts: number[] = [];
  let fields = 1;
  let isQuoted = false;
  let isEmpty = true;
  for (let index = 0; index < text.length && counts.length < comparedRecords; index += 1) {
    const character = text[index]!;
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) fields += 1;
    else if (!isQuoted && character === '\n') {
      if (!isEmpty) counts.push(fields);
      fields = 1;
      isEmpty = true;
      continue;
    }
    if (character !== '\r') isEmpty = false;
  }
  // The last record of a whole text may lack its line break; that of a head may be cut off.
  const isWhole = text.length < headLength && !isQuoted;
  if (isWhole && !isEmpty && counts.length < comparedRecords) counts.push(fields);
  return counts;
}
