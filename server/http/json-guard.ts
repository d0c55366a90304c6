import { TerminalError } from '../../core/errors/app-error.ts';
import type { JsonLimits } from '../limits/limits.ts';

const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const letterU = 0x75;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Looks through a JSON text while it arrives. */
export interface JsonGuard {
  /** The next bytes, cut anywhere. Throws where the text must not be parsed. */
  push(bytes: Buffer): void;
}

/**
 * Looks through the bytes of a JSON text once, without building anything, and
 * throws before a parser or a schema could be hurt by it: JSON_TOO_DEEP (depth,
 * number of keys or values), REQUEST_INVALID (one string too long),
 * FORBIDDEN_KEY, INVALID_TEXT (U+0000 or half a surrogate pair, which Postgres
 * cannot store) and BAD_JSON (a key given twice in one object). Whether the text
 * is JSON at all is left to the parser.
 */
export function createJsonGuard(limits: JsonLimits): JsonGuard {
  const containers: (Set<string> | null)[] = [];
  const escapes = createEscapeCheck();
  let keys = 0;
  let values = 0;
  let isKeyNext = false;
  let isInString = false;
  let stringBytes = 0;
  /** The bytes of the key that is being read; null in any other string. */
  let keyParts: Buffer[] | null = null;

  function open(byte: number): void {
    containers.push(byte === openBrace ? new Set() : null);
    if (containers.length > limits.maxDepth) throw tooMuch('is nested deeper than', 'levels', limits.maxDepth);
    isKeyNext = byte === openBrace;
    countValue();
  }

  function countValue(): void {
    values += 1;
    if (values > limits.maxValues) throw tooMuch('has more than', 'values', limits.maxValues);
  }

  function finishKey(parts: readonly Buffer[]): void {
    keys += 1;
    if (keys > limits.maxKeys) throw tooMuch('has more than', 'keys', limits.maxKeys);
    checkKey(decodeKey(Buffer.concat(parts)), containers.at(-1) ?? null);
  }

  /** Reads on within a string from `start`; returns the index after its end, or after the last byte. */
  function readString(bytes: Buffer, start: number): number {
    let index = start;
    while (index < bytes.length && isInString) {
      if (escapes.isOpen()) {
        escapes.push(bytes[index]!);
        index += 1;
        continue;
      }
      // What is plain is passed over natively: an image in base64 is one long piece.
      const plainEnd = endOfPlain(bytes, index);
      if (plainEnd > index) escapes.plain();
      index = plainEnd;
      if (index >= bytes.length) break;
      if (bytes[index] === quote) {
        escapes.plain();
        isInString = false;
      } else {
        escapes.begin();
      }
      index += 1;
    }
    const content = (isInString ? index : index - 1) - start;
    stringBytes += content;
    if (stringBytes > limits.maxStringBytes) throw tooLong(limits.maxStringBytes);
    keyParts?.push(bytes.subarray(start, start + content));
    if (!isInString && keyParts !== null) {
      finishKey(keyParts);
      keyParts = null;
    }
    return index;
  }

  return {
    push(bytes) {
      let index = 0;
      while (index < bytes.length) {
        if (isInString) {
          index = readString(bytes, index);
          continue;
        }
        const byte = bytes[index]!;
        index += 1;
        if (byte === quote) {
          isInString = true;
          stringBytes = 0;
          keyParts = isKeyNext ? [] : null;
        } else if (byte === openBrace || byte === openBracket) open(byte);
        else if (byte === closeBrace || byte === closeBracket) {
          containers.pop();
          isKeyNext = false;
        } else if (byte === colon) isKeyNext = false;
        else if (byte === comma) {
          isKeyNext = containers.length > 0 && containers.at(-1) !== null;
          countValue();
        }
      }
    },
  };
}

/** The index of the next quote or backslash, or the end. */
function endOfPlain(bytes: Buffer, start: number): number {
  for (let index = start; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === quote || byte === backslash) return index;
    // Short ones are found sooner than a native search begins.
    if (index - start < 64) continue;
    const nextQuote = bytes.indexOf(quote, index);
    const end = nextQuote === -1 ? bytes.length : nextQuote;
    const nextBackslash = bytes.subarray(index, end).indexOf(backslash);
    return nextBackslash === -1 ? end : index + nextBackslash;
  }
  return bytes.length;
}

/** Follows the escapes of a string: `\uXXXX` may be no U+0000, and halves of surrogate pairs stand together. */
function createEscapeCheck() {
  let state: 'none' | 'begun' | 'hex' = 'none';
  let digits = 0;
  let code = 0;
  /** The escape before was the first half of a pair. */
  let isHalf = false;

  function finish(): void {
    state = 'none';
    if (code === 0)
      throw new TerminalError(
        'INVALID_TEXT',
        'A text in the JSON body holds U+0000, which cannot be stored. Take it out.',
      );
    const isLow = code >= 0xdc00 && code <= 0xdfff;
    if (isLow !== isHalf) throw halfPair();
    isHalf = code >= 0xd800 && code <= 0xdbff;
  }

  return {
    isOpen: () => state !== 'none',
    begin: () => void (state = 'begun'),
    /** Something else than an escape, or the end of the string, stands here. */
    plain: () => {
      if (isHalf) throw halfPair();
    },
    push: (byte: number) => {
      if (state === 'begun') {
        state = byte === letterU ? 'hex' : 'none';
        digits = 0;
        code = 0;
        if (state === 'none' && isHalf) throw halfPair();
        return;
      }
      const value = hexValue(byte);
      // No hexadecimal digit: the parser refuses the text.
      if (value === -1) {
        state = 'none';
        return;
      }
      code = code * 16 + value;
      digits += 1;
      if (digits === 4) finish();
    },
  };
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

function decodeKey(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

function checkKey(key: string, siblings: Set<string> | null): void {
  if (forbiddenKeys.has(key)) {
    throw new TerminalError(
      'FORBIDDEN_KEY',
      `The JSON body uses the key "${key}", which is not allowed anywhere. Leave it out.`,
    );
  }
  if (siblings?.has(key) === true) {
    throw new TerminalError(
      'BAD_JSON',
      `The JSON body has the key ${JSON.stringify(key.slice(0, 100))} twice in one object. Leave one out.`,
    );
  }
  siblings?.add(key);
}

function tooMuch(how: string, what: 'levels' | 'keys' | 'values', limit: number): TerminalError {
  const name = { levels: 'maxDepth', keys: 'maxKeys', values: 'maxValues' }[what];
  return new TerminalError('JSON_TOO_DEEP', `The JSON body ${how} ${limit} ${what}.`, { details: { [name]: limit } });
}

function tooLong(maxStringBytes: number): TerminalError {
  return new TerminalError(
    'REQUEST_INVALID',
    `A text in the JSON body is longer than ${maxStringBytes} bytes. Upload it as an asset instead.`,
    { details: { maxStringBytes } },
  );
}

function halfPair(): TerminalError {
  return new TerminalError(
    'INVALID_TEXT',
    'A text in the JSON body holds half a surrogate pair, which is no character. Send whole characters.',
  );
}
