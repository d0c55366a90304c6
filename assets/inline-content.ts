import { TerminalError } from '../core/errors/app-error.ts';

const dataUrlPattern = /^data:[^,]*?(;base64)?,/i;
const base64Pattern = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Fewer characters hold no image; a short text is more likely a typing mistake. */
const minBareBase64 = 32;

/** Whether an address holds its content itself; the content may still be damaged. */
export function isDataUrl(text: string): boolean {
  return /^data:/i.test(text);
}

/** Whether a text can be the bytes of a file in base64, without the head of a data URL. */
export function isBareBase64(text: string): boolean {
  const packed = text.replaceAll(/\s/g, '');
  return packed.length >= minBareBase64 && base64Pattern.test(packed);
}

/**
 * The bytes of a data URL (RFC 2397) or of bare base64; the type it claims is
 * not looked at. Throws URL_INVALID, and FILE_TOO_LARGE beyond `maxBytes`.
 */
export function decodeInline(text: string, maxBytes: number): Buffer {
  // Percent encoding takes at most three characters a byte.
  if (text.length > maxBytes * 3 + 1_024) throw tooLarge(maxBytes);
  const [head, base64] = dataUrlPattern.exec(text) ?? [];
  if (isDataUrl(text) && head === undefined) throw invalid();
  const body = text.slice(head?.length ?? 0);
  const bytes = head === undefined || base64 !== undefined ? fromBase64(body) : fromPercent(body);
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
  return bytes;
}

function fromBase64(body: string): Buffer {
  const packed = (body.includes('%') ? unescapePercent(body) : body).replaceAll(/\s/g, '');
  if (packed !== '' && !base64Pattern.test(packed)) throw invalid();
  return Buffer.from(packed, 'base64');
}

function fromPercent(body: string): Buffer {
  // Bytes may be escaped that are not UTF-8, so they are taken one by one.
  const latin1 = body.replaceAll(/%([0-9a-f]{2})/gi, (_match, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(latin1, 'latin1');
}

function unescapePercent(body: string): string {
  try {
    return decodeURIComponent(body);
  } catch {
    throw invalid();
  }
}

function invalid(): TerminalError {
  return new TerminalError(
    'URL_INVALID',
    'The data URL cannot be read. Write data:image/png;base64,… with the whole file.',
  );
}

function tooLarge(maxBytes: number): TerminalError {
  return new TerminalError('FILE_TOO_LARGE', `The data URL holds more than ${maxBytes} bytes. Make the file smaller.`, {
    details: { maxBytes },
  });
}
