import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { TerminalError } from '../core/errors/app-error.ts';
import type { WebAnswer, WebRequest } from '../core/node-type/web-tools.ts';
import { scrubbed } from '../core/scrub.ts';
import { decoders } from './guarded-fetch.ts';
import { retryAfterOf, wordsOf } from './refusal.ts';

/** What is read of an answer, and what becomes of an error on the way. */
export function answerOf(
  url: URL,
  response: Dispatcher.ResponseData,
  {
    request,
    signal,
    failure,
  }: {
    readonly request: WebRequest;
    readonly signal: AbortSignal;
    readonly failure: (error: unknown) => Error;
  },
): WebAnswer {
  const hide = withoutSecrets(request);
  const headers = headersOf(response, hide);
  const body = unpacked(url, response, failure);
  return {
    status: response.statusCode,
    headers,
    host: url.host,
    retryAfterMs: retryAfterOf(headers['retry-after'] ?? null),
    body,
    async text(maxBytes) {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of body) {
        chunks.push(chunk);
        size += chunk.byteLength;
        if (size > maxBytes) throw tooLong(url, maxBytes);
      }
      return hide(decoded(Buffer.concat(chunks), headers['content-type'] ?? ''));
    },
    words: () => wordsOf(url, { headers: response.headers, body }, signal, hide),
  };
}

function headersOf(response: Dispatcher.ResponseData, hide: (text: string) => string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    // What is set there opens somebody's account.
    if (value === undefined || name === 'set-cookie') continue;
    headers[name] = hide(Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

async function* unpacked(
  url: URL,
  response: Dispatcher.ResponseData,
  failure: (error: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  const encoding = String(response.headers['content-encoding'] ?? 'identity')
    .trim()
    .toLowerCase();
  const isPlain = encoding === 'identity' || encoding === '';
  const decoder = isPlain ? null : decoders[encoding]?.();
  if (decoder === undefined) {
    throw new TerminalError(
      'HTTP_ANSWER_INVALID',
      `${url.host} answers in the encoding "${encoding}", which is not read. Ask it for another one.`,
    );
  }
  let source: Readable = response.body;
  if (decoder !== null) {
    response.body.on('error', (error) => decoder.destroy(error));
    source = response.body.pipe(decoder);
  }
  try {
    for await (const chunk of source) yield chunk as Uint8Array;
  } catch (error) {
    throw failure(error);
  }
}

function decoded(bytes: Buffer, contentType: string): string {
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

/** Takes out each secret in every form in which a service may repeat it. */
export function withoutSecrets({
  secrets,
  headers,
}: Pick<WebRequest, 'secrets' | 'headers'>): (text: string) => string {
  const forms = secrets
    .flatMap(({ value }) => [
      value,
      encodeURIComponent(value),
      new URLSearchParams([['', value]]).toString().slice(1),
      // Within JSON, and where that is repeated within JSON.
      inJson(value),
      inJson(inJson(value)),
      // Some write a slash in JSON with a backslash.
      inJson(value).replaceAll('/', String.raw`\/`),
    ])
    .concat(secrets.map(({ value }) => Buffer.from(value).toString('base64')))
    // A user and a password in one.
    .concat(secrets.length === 0 ? [] : headers.flatMap(([, value]) => /^Basic (\S+)$/.exec(value)?.[1] ?? []))
    .toSorted((a, b) => b.length - a.length);
  return (text) => forms.reduce((clean, form) => clean.replaceAll(form, scrubbed), text);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function tooLong(url: URL, maxBytes: number): TerminalError {
  return new TerminalError(
    'NODE_OUTPUT_TOO_LARGE',
    `The answer of ${url.host} is longer than ${Math.round(maxBytes / 1024)} KB. Choose "File" as the kind of answer.`,
    { details: { host: url.host, maxBytes } },
  );
}
