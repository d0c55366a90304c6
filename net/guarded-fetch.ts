import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Client, type Dispatcher } from 'undici';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import { systemCodeOf } from '../core/errors/system-code.ts';
import { defaultFetchLimits, type FetchLimits } from '../core/limits.ts';
import type { AddressRules } from './address-rules.ts';
import { checkUrl, hostOf, redirectTarget } from './check-url.ts';
import { pinnedLookup } from './pinned-lookup.ts';
import { retryAfterOf, wordsOf } from './refusal.ts';
import { resolveAllowed, type ResolvedAddress, type Resolver } from './resolve-host.ts';

interface GuardedFetcherDependencies {
  readonly rules: AddressRules;
  /** Default: the system's resolver. */
  readonly resolve: Resolver;
  readonly limits?: Partial<FetchLimits>;
  /** How downloads introduce themselves; see `userAgentOf`. Default: Heddle, without a version and an address. */
  readonly userAgent?: string;
}

/**
 * `Heddle/1.2.3 (+https://example.org/about)`: many sites refuse programs that
 * do not say who runs them and where to complain.
 */
export function userAgentOf(version: string, contact: string | null): string {
  return `Heddle/${version}${contact === null ? '' : ` (+${contact})`}`;
}

interface Download {
  /** Where the bytes came from in the end. */
  readonly url: string;
  /** As the server claims; the content decides. */
  readonly contentType: string | null;
  /** Bytes in the file, after decompression. */
  readonly bytes: number;
}

/** Downloads from addresses that users gave. */
export interface GuardedFetcher {
  /**
   * Streams what a user's address serves into `file`, which must not exist.
   * Only public addresses are reached, at each redirect. `maxBytes` counts the bytes
   * after decompression, and `need` is waited for before so many of them are
   * kept. The file is gone when this throws.
   *
   * Throws URL_* and TOO_MANY_REDIRECTS, DOWNLOAD_TOO_LARGE and (for an answer
   * of 4xx) DOWNLOAD_FAILED as terminal; DOWNLOAD_TIMEOUT, and DOWNLOAD_FAILED
   * for a broken connection or 5xx, as retryable. An abort throws the signal's reason.
   */
  download(address: string, options: DownloadOptions): Promise<Download>;
}

interface DownloadOptions {
  readonly file: string;
  readonly maxBytes: number;
  /** What it throws ends the download. */
  readonly need?: (bytes: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Answers that send elsewhere by `Location`. */
export const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** HTTP statuses after which the same request may succeed later. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

/** A body may be packed once; more layers are only of use to a bomb. */
export const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** A fetcher for addresses that users and upstream nodes name. Holds no connections between downloads. */
export function createGuardedFetcher(dependencies: GuardedFetcherDependencies): GuardedFetcher {
  const limits = { ...defaultFetchLimits, ...dependencies.limits };
  const { rules, resolve, userAgent = 'Heddle' } = dependencies;

  return {
    async download(address, { file, maxBytes, need = async () => {}, signal }) {
      signal.throwIfAborted();
      const total = AbortSignal.timeout(limits.totalTimeoutMs);
      const stop = AbortSignal.any([signal, total]);
      let url = checkUrl(address, rules);
      try {
        for (let redirects = 0; ; redirects += 1) {
          const addresses = await resolveAllowed(url, { rules, resolve, signal: stop });
          const answer = await requestOnce(url, addresses, { file, maxBytes, need, signal: stop, limits, userAgent });
          if (answer.kind === 'saved') {
            return { url: url.href, contentType: answer.contentType, bytes: answer.bytes };
          }
          if (redirects >= limits.maxRedirects) {
            throw new TerminalError(
              'TOO_MANY_REDIRECTS',
              `The address redirects more than ${limits.maxRedirects} times. Give the final address.`,
            );
          }
          url = redirectTarget(url, answer.location, rules);
        }
      } catch (error) {
        await rm(file, { force: true });
        signal.throwIfAborted();
        throw toDownloadError(error, url, total.aborted, limits);
      }
    },
  };
}

interface RequestOptions {
  readonly file: string;
  readonly maxBytes: number;
  readonly need: (bytes: number) => Promise<void>;
  readonly signal: AbortSignal;
  readonly limits: FetchLimits;
  readonly userAgent: string;
}

type RequestAnswer =
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'saved'; readonly bytes: number; readonly contentType: string | null };

/** One request over one connection to one of the checked addresses. */
async function requestOnce(
  url: URL,
  addresses: readonly ResolvedAddress[],
  options: RequestOptions,
): Promise<RequestAnswer> {
  const { limits, signal } = options;
  const client = new Client(url.origin, {
    connect: { timeout: limits.connectTimeoutMs, lookup: pinnedLookup(addresses), autoSelectFamily: true },
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.idleTimeoutMs,
    pipelining: 0,
  });
  try {
    const response = await client.request({
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      headers: {
        accept: 'image/*,video/*;q=0.9,*/*;q=0.5',
        'accept-encoding': 'identity',
        'user-agent': options.userAgent,
      },
      signal,
    });
    // The body is dropped where it is not read; its errors then concern nobody.
    response.body.on('error', () => undefined);
    const location = headerOf(response, 'location');
    if (redirectStatuses.has(response.statusCode) && location !== null) return { kind: 'redirect', location };
    if (response.statusCode < 200 || response.statusCode > 299) throw await statusError(url, response, options);
    const bytes = await saveBody(url, response, options);
    return { kind: 'saved', bytes, contentType: headerOf(response, 'content-type') };
  } finally {
    await client.destroy();
  }
}

async function saveBody(url: URL, response: Dispatcher.ResponseData, options: RequestOptions): Promise<number> {
  const { file, maxBytes, need, signal } = options;
  const claimed = Number(headerOf(response, 'content-length') ?? 0);
  if (claimed > maxBytes) throw tooLarge(url, maxBytes);
  const encoding = (headerOf(response, 'content-encoding') ?? 'identity').trim().toLowerCase();
  const isPlain = encoding === 'identity' || encoding === '';
  const received = countBytes(url, maxBytes, isPlain ? need : async () => {});
  const kept = countBytes(url, maxBytes, need);
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  if (isPlain) {
    await pipeline(response.body as Readable, received.stream, target, { signal });
    return received.bytes();
  }
  const decoder = decoders[encoding];
  if (decoder === undefined) {
    target.destroy();
    throw new TerminalError(
      'DOWNLOAD_FAILED',
      `${url.host} answers in the encoding "${encoding}", which is not read. Upload the file instead.`,
    );
  }
  await pipeline(response.body as Readable, received.stream, decoder(), kept.stream, target, { signal });
  return kept.bytes();
}

function countBytes(
  url: URL,
  maxBytes: number,
  need: (bytes: number) => Promise<void>,
): { stream: Transform; bytes(): number } {
  let count = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count += chunk.byteLength;
      if (count > maxBytes) done(tooLarge(url, maxBytes));
      else need(count).then(() => done(null, chunk), done);
    },
  });
  return { stream, bytes: () => count };
}

function headerOf(response: Dispatcher.ResponseData, name: string): string | null {
  const value = response.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

async function statusError(
  url: URL,
  response: Dispatcher.ResponseData,
  options: RequestOptions,
): Promise<TerminalError | RetryableError> {
  const status = response.statusCode;
  const said = await wordsOf(url, response, options.signal);
  const details = { host: hostOf(url), status };
  const words = [
    `${url.host} answered with HTTP ${status} instead of a file.`,
    said === '' ? '' : `It says: “${said}”`,
    refusingStatuses.has(status) ? refusalHint(options.userAgent) : '',
  ];
  const message = words.filter((part) => part !== '').join(' ');
  if (status < 500 && !passingStatuses.has(status)) return new TerminalError('DOWNLOAD_FAILED', message, { details });
  const retryAfterMs = retryAfterOf(headerOf(response, 'retry-after'));
  return new RetryableError('DOWNLOAD_FAILED', message, { details, ...(retryAfterMs !== null && { retryAfterMs }) });
}

/** Statuses of sites that take no programs, or none that do not say whose they are. */
const refusingStatuses: ReadonlySet<number> = new Set([401, 403, 429]);

function refusalHint(userAgent: string): string {
  return userAgent.includes('(+')
    ? 'It may take no programs, or no links from elsewhere: download the file yourself and upload it.'
    : 'Some sites want to know who asks: whoever runs this installation can set FETCH_CONTACT. Or download the file yourself and upload it.';
}

function tooLarge(url: URL, maxBytes: number): TerminalError {
  return new TerminalError(
    'DOWNLOAD_TOO_LARGE',
    `The file at ${url.host} is larger than ${maxBytes} bytes. Make it smaller.`,
    {
      details: { host: hostOf(url), maxBytes },
    },
  );
}

/** Codes of undici for what took too long. */
export const timeoutCodes: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

function toDownloadError(error: unknown, url: URL, isOverTotal: boolean, limits: FetchLimits): Error {
  if (error instanceof TerminalError || error instanceof RetryableError) return error;
  const code = systemCodeOf(error);
  const details = { host: hostOf(url) };
  if (isOverTotal) {
    return new RetryableError(
      'DOWNLOAD_TIMEOUT',
      `The download from ${url.host} took longer than ${limits.totalTimeoutMs} ms. Try again, or upload the file.`,
      { details },
    );
  }
  if (timeoutCodes.has(code)) {
    return new RetryableError('DOWNLOAD_TIMEOUT', `${url.host} stopped answering. Try again later.`, {
      details,
      cause: error,
    });
  }
  const reason = code || (error instanceof Error ? error.message : String(error));
  return new RetryableError(
    'DOWNLOAD_FAILED',
    `The download from ${url.host} broke off (${reason}). Try again, or upload the file.`,
    {
      details,
      cause: error,
    },
  );
}
