import { TerminalError } from '../../core/errors/app-error.ts';
import type { JsonLimits } from '../limits.ts';

const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const colon = 0x3a;
const letterU = 0x75;

/**
 * Looks through the bytes of a JSON text once, without building anything, and
 * throws before a parser or a schema could be hurt by it: JSON_TOO_DEEP (depth,
 * number of keys), REQUEST_INVALID (one string too long), FORBIDDEN_KEY,
 * INVALID_TEXT (U+0000 or half a surrogate pair, which Postgres cannot store)
 * and BAD_JSON (a key given twice in one object). Whether the text is JSON at
 * all is left to the parser.
 */
export function guardJson(bytes: Uint8Array, limits: JsonLimits): void {
  const keysByDepth: (Set<string> | null)[] = [];
  let keys = 0;
  let index = 0;
  while (index < bytes.length) {
    const byte = bytes[index]!;
    if (byte === openBrace || byte === openBracket) {
      keysByDepth.push(byte === openBrace ? new Set() : null);
      if (keysByDepth.length > limits.maxDepth) {
        throw new TerminalError('JSON_TOO_DEEP', `The JSON body is nested deeper than ${limits.maxDepth} levels.`, {
          details: { maxDepth: limits.maxDepth },
        });
      }
    } else if (byte === closeBrace || byte === closeBracket) {
      keysByDepth.pop();
    } else if (byte === quote) {
      const end = endOfString(bytes, index, limits);
      if (isKey(bytes, end)) {
        keys += 1;
        if (keys > limits.maxKeys) {
          throw new TerminalError('JSON_TOO_DEEP', `The JSON body has more than ${limits.maxKeys} keys.`, {
            details: { maxKeys: limits.maxKeys },
          });
        }
        checkKey(decodeString(bytes, index, end), keysByDepth.at(-1) ?? null);
      }
      index = end;
    }
    index += 1;
  }
}

/** The index of the closing quote, or of the last byte where there is none. */
function endOfString(bytes: Uint8Array, start: number, limits: JsonLimits): number {
  let index = start + 1;
  while (index < bytes.length && bytes[index] !== quote) {
    if (bytes[index] === backslash) {
      if (bytes[index + 1] === letterU) index += checkEscape(bytes, index);
      else index += 2;
    } else {
      index += 1;
    }
  }
  if (index - start - 1 > limits.maxStringBytes) {
    throw new TerminalError(
      'REQUEST_INVALID',
      `A text in the JSON body is longer than ${limits.maxStringBytes} bytes. Upload it as an asset instead.`,
      { details: { maxStringBytes: limits.maxStringBytes } },
    );
  }
  return index;
}

/** Checks the `\uXXXX` at `index` and returns how many bytes belong to it: 6, or 12 for a surrogate pair. */
function checkEscape(bytes: Uint8Array, index: number): number {
  const code = hexAt(bytes, index + 2);
  if (code === 0)
    throw new TerminalError('INVALID_TEXT', 'A text in the JSON body holds U+0000, which cannot be stored.');
  if (code >= 0xd800 && code <= 0xdbff) {
    const isEscape = bytes[index + 6] === backslash && bytes[index + 7] === letterU;
    const low = isEscape ? hexAt(bytes, index + 8) : -1;
    if (low >= 0xdc00 && low <= 0xdfff) return 12;
  }
  if (code >= 0xd800 && code <= 0xdfff) {
    throw new TerminalError(
      'INVALID_TEXT',
      'A text in the JSON body holds half a surrogate pair, which is no character.',
    );
  }
  return 6;
}

function hexAt(bytes: Uint8Array, index: number): number {
  const digits = String.fromCharCode(...bytes.subarray(index, index + 4));
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

function isKey(bytes: Uint8Array, end: number): boolean {
  let index = end + 1;
  // The four kinds of white space that JSON knows.
  while (bytes[index] === 0x20 || bytes[index] === 0x0a || bytes[index] === 0x0d || bytes[index] === 0x09) index += 1;
  return bytes[index] === colon;
}

function decodeString(bytes: Uint8Array, start: number, end: number): string {
  const text = new TextDecoder().decode(bytes.subarray(start, end + 1));
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

function checkKey(key: string, siblings: Set<string> | null): void {
  if (forbiddenKeys.has(key)) {
    throw new TerminalError('FORBIDDEN_KEY', `The JSON body uses the key "${key}", which is not allowed anywhere.`);
  }
  if (siblings?.has(key) === true) {
    throw new TerminalError(
      'BAD_JSON',
      `The JSON body has the key ${JSON.stringify(key.slice(0, 100))} twice in one object.`,
    );
  }
  siblings?.add(key);
}
