import { createReadStream, openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Client, FormData, type Dispatcher } from 'undici';
import { AppError, RetryableError, TerminalError } from '../core/errors/app-error.ts';
import { systemCodeOf } from '../core/errors/system-code.ts';
import { defaultFetchLimits, type FetchLimits } from '../core/limits.ts';
import type { WebRequest, WebTools } from '../core/node-type/web-tools.ts';
import { answerOf } from './web-answer.ts';
import { redirectTarget } from './check-url.ts';
import { redirectStatuses, timeoutCodes } from './guarded-fetch.ts';
import { pinnedLookup } from './pinned-lookup.ts';
import { checkedUrl, requireHosts, type WebRequesterDependencies } from './request-address.ts';
import { resolveAllowed, type ResolvedAddress } from './resolve-host.ts';
import { createWebListener } from './web-listener.ts';

/** Requests to addresses that users give; see `WebTools`. */
export type WebRequester = Pick<WebTools, 'request' | 'listen'>;

/** They frame a request, which is the business of the connection. */
const framing: ReadonlySet<string> = new Set(
  'host connection keep-alive proxy-connection proxy-authorization transfer-encoding te trailer upgrade expect content-length accept-encoding'.split(
    ' ',
  ),
);
/** They are for whom the request was written for. */
const ownHeaders: ReadonlySet<string> = new Set(['authorization', 'cookie', 'x-api-key']);
/** Until the request has left, nothing can have been done. */
const beforeSending: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** A requester that holds no connections between requests. */
export function createWebRequester(dependencies: WebRequesterDependencies): WebRequester {
  const limits = { ...defaultFetchLimits, ...dependencies.limits };
  const { rules, resolve, userAgent = 'Heddle' } = dependencies;

  return {
    listen: createWebListener(dependencies),
    async request(request, { timeoutMs, signal }, read) {
      signal.throwIfAborted();
      let url = checkedUrl(request, rules);
      const stop = new AbortController();
      let isLate = false;
      const onAbort = () => stop.abort();
      signal.addEventListener('abort', onAbort);
      const timer = setTimeout(() => {
        isLate = true;
        stop.abort();
      }, timeoutMs);
      const failure = (error: unknown) => toFailure(error, url, { request, isLate, timeoutMs });
      let current = request;
      try {
        for (let redirects = 0; ; redirects += 1) {
          requireHosts(url, request);
          const addresses = await resolveAllowed(url, { rules, resolve, signal: stop.signal });
          const client = openClient(url, addresses, limits, timeoutMs);
          try {
            const response = await send(client, url, current, { userAgent, signal: stop.signal });
            // Where it is not read to the end, its errors concern nobody.
            response.body.on('error', () => undefined);
            const location = response.headers['location'];
            if (!redirectStatuses.has(response.statusCode) || typeof location !== 'string') {
              return await read(answerOf(url, response, { request, signal: stop.signal, failure }));
            }
            if (redirects >= limits.maxRedirects) {
              throw new TerminalError(
                'TOO_MANY_REDIRECTS',
                `The address redirects more than ${limits.maxRedirects} times. Give the final address.`,
              );
            }
            const target = redirectTarget(url, location, rules);
            current = afterRedirect(current, response.statusCode, target.host !== url.host);
            url = target;
          } finally {
            await client.destroy();
          }
        }
      } catch (error) {
        signal.throwIfAborted();
        throw failure(error);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        stop.abort();
      }
    },
  };
}

function openClient(url: URL, addresses: readonly ResolvedAddress[], limits: FetchLimits, timeoutMs: number): Client {
  return new Client(url.origin, {
    connect: { timeout: limits.connectTimeoutMs, lookup: pinnedLookup(addresses), autoSelectFamily: true },
    // Some services work for long before they answer; the request as a whole has a limit.
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    pipelining: 0,
  });
}

async function send(
  client: Client,
  url: URL,
  { method, headers, body }: WebRequest,
  { userAgent, signal }: { readonly userAgent: string; readonly signal: AbortSignal },
): Promise<Dispatcher.ResponseData> {
  const sent: Record<string, string> = { 'user-agent': userAgent, accept: '*/*' };
  for (const [name, value] of headers) if (!framing.has(name.toLowerCase())) sent[name.toLowerCase()] = value;
  // Few packed answers are worth what a broken packing costs; those that come packed are unpacked.
  sent['accept-encoding'] = 'identity';
  return client.request({
    method: method as Dispatcher.HttpMethod,
    path: `${url.pathname}${url.search}`,
    ...(await withBody(sent, body)),
    signal,
  });
}

async function withBody(
  headers: Record<string, string>,
  body: WebRequest['body'],
): Promise<{ headers: Record<string, string>; body?: string | Readable | FormData }> {
  if (body === undefined) return { headers };
  if (body.kind === 'parts') {
    const form = new FormData();
    for (const part of body.parts) {
      if ('value' in part) form.append(part.name, part.value);
      else form.append(part.name, await openAsBlob(part.file, { type: part.mimeType }), part.fileName);
    }
    // Its boundary is part of its type.
    const { 'content-type': _boundary, ...others } = headers;
    return { headers: others, body: form };
  }
  const typed = { 'content-type': body.mimeType, ...headers };
  if (body.kind === 'text') return { headers: typed, body: body.text };
  const { size } = await stat(body.file);
  return { headers: { ...typed, 'content-length': String(size) }, body: createReadStream(body.file) };
}

/** As browsers do: what was posted becomes a question, except where the status says that it is to be sent again. */
function afterRedirect(request: WebRequest, status: number, isElsewhere: boolean): WebRequest {
  const isAsked = status === 303 ? request.method !== 'HEAD' : status < 303 && request.method === 'POST';
  const { body, headers, ...rest } = request;
  const kept = headers.filter(
    ([name]) => !(isElsewhere && ownHeaders.has(name.toLowerCase())) && !(isAsked && /^content-/i.test(name)),
  );
  return isAsked
    ? { ...rest, method: 'GET', headers: kept }
    : { ...rest, headers: kept, ...(body !== undefined && { body }) };
}

function toFailure(
  error: unknown,
  url: URL,
  {
    request,
    isLate,
    timeoutMs,
  }: { readonly request: WebRequest; readonly isLate: boolean; readonly timeoutMs: number },
): Error {
  if (error instanceof AppError && !isLate) return error;
  const code = systemCodeOf(error);
  const wasSent = !beforeSending.has(code);
  const mayRepeat = request.repeat === 'always' || (request.repeat === 'unsent' && !wasSent);
  const details = { host: url.host };
  const unknown = mayRepeat || !wasSent ? '' : ' What it did is not known, so the request is not repeated by itself.';
  if (isLate || timeoutCodes.has(code)) {
    const message =
      `${url.host} did not answer within ${isLate || wasSent ? timeoutMs / 1000 : 5} s.${unknown} ` +
      'Try again later, or set a longer time limit.';
    return mayRepeat
      ? new RetryableError('HTTP_TIMEOUT', message, { details })
      : new TerminalError('HTTP_TIMEOUT', message, { details });
  }
  const reason = code === '' ? 'the connection broke' : code;
  const message = `The request to ${url.host} failed (${reason}).${unknown} Check the address, or try again later.`;
  return mayRepeat
    ? new RetryableError('HTTP_FAILED', message, { details })
    : new TerminalError('HTTP_FAILED', message, { details });
}
