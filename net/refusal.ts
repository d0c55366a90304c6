import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';

/** Enough of a page to find its words. */
const maxBytes = 8_192;
const maxWords = 300;
/** A refusal that trickles is not waited for. */
const patienceMs = 5_000;

/** The reason comes first where there is one; a title says the least. */
const jsonFields = ['detail', 'error_description', 'message', 'error', 'reason', 'title'];

/**
 * What a site says with an answer that is no file, in one line: without marks
 * and signs that cannot be seen, cut, and without what the query of the
 * address held. Empty where it says nothing that can be read.
 */
export async function wordsOf(
  url: URL,
  { headers, body }: Pick<Dispatcher.ResponseData, 'headers'> & { readonly body: AsyncIterable<Uint8Array> },
  signal: AbortSignal,
  /** Takes out what must not be repeated, before the words are cut. Default: nothing. */
  hide: (text: string) => string = (text) => text,
): Promise<string> {
  const contentType = String(headers['content-type'] ?? '').toLowerCase();
  const encoding = String(headers['content-encoding'] ?? 'identity').toLowerCase();
  if (!/^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)\b)/.test(contentType) || encoding !== 'identity') return '';
  const bytes = await beginningOf(body, signal);
  const text = decode(bytes, contentType);
  const words = /^(?:text\/html|application\/xhtml|.*\bxml\b)/.test(contentType)
    ? wordsOfPage(text)
    : contentType.includes('json')
      ? (wordsOfJson(text) ?? text)
      : text;
  return tidy(hide(withoutQuery(words, url)));
}

/** How long to wait by a Retry-After in seconds or as a date; null where it says nothing. */
export function retryAfterOf(header: string | null, now: () => number = Date.now): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now());
}

async function beginningOf(body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const read = async () => {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= maxBytes) break;
    }
  };
  const end = new AbortController();
  // What came until then is what it said.
  await Promise.race([
    read().catch(() => undefined),
    sleep(patienceMs, undefined, { signal: AbortSignal.any([end.signal, signal]), ref: false }).catch(() => undefined),
  ]);
  end.abort();
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

function decode(bytes: Buffer, contentType: string): string {
  const charset = /charset="?([\w-]+)/.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function wordsOfPage(html: string): string {
  const body = html.replaceAll(/<!--[\s\S]*?(?:-->|$)|<(script|style|svg|noscript)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, ' ');
  const text = body.replaceAll(/<[^>]*(?:>|$)/g, ' ');
  return text.replaceAll(/&(?:#(x?)([0-9a-f]{1,6})|(\w{2,6}));/gi, (whole, hex: string, code: string, name: string) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
    const point = Number.parseInt(code, hex === '' ? 10 : 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : ' ';
  });
}

function wordsOfJson(text: string): string | null {
  try {
    return fieldOf(JSON.parse(text) as unknown, 0);
  } catch {
    return null;
  }
}

function fieldOf(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth > 3) return null;
  if (Array.isArray(value)) return fieldOf(value[0], depth + 1);
  for (const name of jsonFields) {
    const found = Object.hasOwn(value, name) ? fieldOf((value as Record<string, unknown>)[name], depth + 1) : null;
    if (found !== null && found.trim() !== '') return found;
  }
  return null;
}

/** A query may hold a signature; sites like to repeat the address that they refuse. */
function withoutQuery(text: string, url: URL): string {
  const parts = [url.search.slice(1), ...url.searchParams.values()].filter((part) => part.length >= 8);
  const forms = parts.flatMap((part) => [part, encodeURIComponent(part)]);
  return forms.toSorted((a, b) => b.length - a.length).reduce((clean, form) => clean.replaceAll(form, '…'), text);
}

function tidy(text: string): string {
  const line = text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll(/[\p{Cf}\p{Co}\p{Cn}\ufffd]/gu, '')
    .trim();
  const cut = line.length > maxWords ? `${line.slice(0, maxWords)}…` : line;
  // Halves of signs, from the site or from the cut.
  return cut.replaceAll(/\p{Cs}/gu, '');
}
