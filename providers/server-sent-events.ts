import { parseJson } from './http-body.ts';
import { JsonSplitter } from './json-splitter.ts';
import { LineSplitter } from './line-splitter.ts';

/** Thrown where a stream, or one event of it, is larger than may be kept in memory. */
export class EventStreamError extends Error {}

/** What one event of a provider's stream came to. */
export type StreamEvent =
  | { readonly kind: 'message'; readonly value: object }
  /** A field `error:`, or an event of the type `error`: JSON or words. */
  | { readonly kind: 'error'; readonly value: unknown }
  | { readonly kind: 'done' }
  /** Something that began as JSON and is none: a part of the answer may be lost. */
  | { readonly kind: 'garbled' };

interface EventStreamLimits {
  /** Bytes of the whole stream. */
  readonly maxBytes: number;
  /** Characters of one event. */
  readonly maxEventLength: number;
}

/**
 * Reads a provider's stream and gives the JSON of each event.
 *
 * As the standard for `text/event-stream` says: lines end with LF, CRLF or CR,
 * bytes may be split anywhere, comments and other fields are skipped, several
 * `data` lines are one event. Beyond it, as real servers and proxies have it:
 * the last event counts without the empty line after it; lines that are JSON
 * each for itself are events of their own; `data:` may stand twice; words that
 * are no JSON are signs of life; and a body that is JSON, or lines of it, in
 * place of an event stream gives its objects.
 *
 * Takes time that grows with the bytes alone. Throws EventStreamError beyond
 * the limits; what the stream itself throws passes through.
 */
export async function* readEventStream(
  stream: AsyncIterable<Uint8Array>,
  limits: EventStreamLimits,
  onBytes: () => void = () => {},
): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let reader: EventReader | null = null;
  /** Blanks before anything else: what comes after them decides how to read. */
  let head = '';

  for await (const chunk of stream) {
    onBytes();
    bytes += chunk.byteLength;
    if (bytes > limits.maxBytes) throw new EventStreamError('The event stream is too long.');
    const piece = head + decoder.decode(chunk, { stream: true });
    if (reader === null && piece.trim() === '') {
      head = piece;
      continue;
    }
    head = '';
    reader ??= /^\s*[[{]/.test(piece) ? new DocumentReader() : new LineReader();
    yield* reader.push(piece);
    if (reader.pendingLength > limits.maxEventLength) throw new EventStreamError('The event is too long.');
  }
  if (reader !== null) yield* reader.end();
}

interface EventReader {
  /** Characters that are kept because their event has not ended yet. */
  readonly pendingLength: number;
  push(piece: string): Iterable<StreamEvent>;
  end(): Iterable<StreamEvent>;
}

/** JSON in place of an event stream. */
class DocumentReader implements EventReader {
  readonly #splitter = new JsonSplitter();

  get pendingLength(): number {
    return this.#splitter.pendingLength;
  }

  *push(piece: string): Iterable<StreamEvent> {
    for (const text of this.#splitter.push(piece)) yield* eventsOf(text, false);
  }

  *end(): Iterable<StreamEvent> {
    if (this.#splitter.pendingLength > 0) yield { kind: 'garbled' };
  }
}

/** `field: value`; a blank or a byte order mark before it is let pass. */
const fieldPattern = /^\s*(data|event|error|id|retry)\s*:/i;

class LineReader implements EventReader {
  readonly #splitter = new LineSplitter();
  #isError = false;
  /** Lines of an event whose JSON has not come to its end. */
  #open: string[] = [];
  #openLength = 0;

  get pendingLength(): number {
    return this.#splitter.pendingLength + this.#openLength;
  }

  *push(piece: string): Iterable<StreamEvent> {
    for (const line of this.#splitter.push(piece)) yield* this.#read(line);
  }

  *end(): Iterable<StreamEvent> {
    yield* this.#read(this.#splitter.end());
    yield* this.#close();
  }

  *#read(line: string): Iterable<StreamEvent> {
    if (line === '') {
      yield* this.#close();
      return;
    }
    const field = fieldPattern.exec(line);
    const name = field?.[1]?.toLowerCase();
    const value = field === null ? line : line.slice(field[0].length);
    if (name === undefined) {
      // JSON without a field before it, as a proxy writes its own error into somebody else's stream.
      if (this.#open.length > 0 || beginsJson(line)) yield* this.#add(line);
    } else if (name === 'data') {
      yield* this.#add(withoutRepeatedField(value));
    } else if (name === 'error') {
      yield* this.#close();
      if (value.trim() !== '') yield { kind: 'error', value: parseJson(value) ?? value.trim() };
    } else if (name === 'event') {
      yield* this.#close();
      this.#isError = value.trim().toLowerCase() === 'error';
    }
  }

  /** A line that is an event by itself is given at once; the beginning of a longer one waits for the rest. */
  *#add(text: string): Iterable<StreamEvent> {
    if (this.#open.length === 0) {
      const value = readJson(text);
      if (value !== undefined || !beginsJson(text)) {
        yield* eventsOf(text, this.#isError, value);
        return;
      }
    }
    this.#open.push(text);
    this.#openLength += text.length;
  }

  *#close(): Iterable<StreamEvent> {
    const lines = this.#open;
    const isError = this.#isError;
    this.#open = [];
    this.#openLength = 0;
    this.#isError = false;
    if (lines.length === 0) return;
    const joined = lines.join('\n');
    const value = readJson(joined);
    if (lines.length === 1 || value !== undefined) {
      yield* eventsOf(joined, isError, value);
      return;
    }
    for (const line of lines) yield* eventsOf(line, isError);
  }
}

function beginsJson(text: string): boolean {
  return /^\s*(?:\{|\[(?!DONE\]))/.test(text);
}

/** `data: data: {…}`, as two programs that each add the field write it. */
function withoutRepeatedField(value: string): string {
  let rest = value;
  for (let match = /^\s*data\s*:/i.exec(rest); match !== null; match = /^\s*data\s*:/i.exec(rest)) {
    rest = rest.slice(match[0].length);
  }
  return rest;
}

/** Parses JSON, also such with control characters in its texts, which the standard wants escaped. */
function readJson(text: string): unknown {
  const parsed = parseJson(text);
  if (parsed !== undefined) return parsed;
  // A line cannot hold a line end, so what is replaced stands inside a text or between values.
  const printable = text.replaceAll(/\p{Cc}/gu, ' ');
  return parseJson(printable) ?? (printable.length <= maxMended ? parseJson(withoutNaN(printable)) : undefined);
}

/** Events with numbers that are none are those of logprobs; an image has none. */
const maxMended = 1024 * 1024;

/** Python writes NaN and Infinity, which are no JSON. */
function withoutNaN(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (found) =>
    found.startsWith('"') ? found : 'null',
  );
}

/** Several objects one behind the other, as proxies join them; null where it is not that alone. */
function objectsOf(text: string): StreamEvent[] | null {
  const splitter = new JsonSplitter();
  const parts = splitter.push(text);
  const values = parts.map(readJson);
  const isAll =
    splitter.pendingLength === 0 && parts.join('').length === text.replaceAll(/(?<=\})\s+(?=\{)/g, '').length;
  if (parts.length < 2 || !isAll || values.includes(undefined)) return null;
  return values.map((value) => ({ kind: 'message', value: value as object }));
}

function* eventsOf(text: string, isError: boolean, value: unknown = readJson(text)): Iterable<StreamEvent> {
  const trimmed = text.trim();
  if (trimmed === '') return;
  if (/^"?\[DONE\]"?$/i.test(trimmed)) {
    yield { kind: 'done' };
    return;
  }
  if (isError) {
    yield { kind: 'error', value: value ?? trimmed };
  } else if (Array.isArray(value)) {
    for (const element of value as readonly unknown[]) {
      if (typeof element === 'object' && element !== null) yield { kind: 'message', value: element };
    }
  } else if (typeof value === 'object' && value !== null) {
    yield { kind: 'message', value };
  } else if (value === undefined && beginsJson(trimmed)) {
    yield* objectsOf(trimmed) ?? [{ kind: 'garbled' }];
  }
}
