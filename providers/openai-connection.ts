import { FormData } from 'undici';
import { AppError, type RetryableError, type TerminalError } from '../core/errors/app-error.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import { refusedSetting, type WireMemory } from './adaptions.ts';
import { networkError, redirectError, refusalError } from './errors.ts';
import type { ErrorSubject, SettingNames } from './errors.ts';
import { networkReason, parseJson, readStart } from './http-body.ts';
import type { CallLimits } from './provider.ts';
import { readFailure, type Failure } from './read-failure.ts';
import { redactExplanation } from './redact.ts';
import { retryAfterOf } from './retry-delay.ts';

/*
 * Requests to an OpenAI-compatible server, whatever they are for: under which base it answers, and what its refusals mean.
 */

/** What of a request its refusal must not repeat, and what it may. */
export interface PrivateRequest {
  readonly model: string;
  readonly userMessage: string;
  readonly systemPrompt?: string;
}

/** What the server is called in messages. */
export const title = 'The OpenAI-compatible server';

/** The beginning of an error page that is looked at. */
const maxErrorBytes = 64 * 1024;
/** A server, and how it is reached. */
export interface Connection {
  /** As configured; what is remembered about the server is remembered under the first. */
  readonly bases: readonly string[];
  readonly apiKey: string;
  /** Whether the server makes one job of requests with one idempotency key. OpenAI does not say that it does. */
  readonly isIdempotent: boolean;
  readonly limits: CallLimits;
  readonly now: () => number;
  readonly names: SettingNames;
  readonly fetch: typeof globalThis.fetch;
  readonly memory: WireMemory;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The server answered with an error in place of an answer. */
export class Refused extends Error {
  readonly status: number;
  readonly failure: Failure;
  readonly headers: Headers;
  readonly usage: ModelUsage | null;

  constructor(answer: { status: number; failure: Failure; headers: Headers; usage: ModelUsage | null }) {
    super('The server refused the request.');
    this.status = answer.status;
    this.failure = answer.failure;
    this.headers = answer.headers;
    this.usage = answer.usage;
  }
}

/** Whom and what an error speaks of. */
export function subjectOf({ names }: Connection, model: string | null): ErrorSubject {
  return { title, ...names, model };
}

interface Sent {
  readonly subject: ErrorSubject;
  readonly signal: AbortSignal;
  /** Of a request without a body. Default: GET. */
  readonly method?: 'GET' | 'DELETE';
  /** What is wanted of a request without a body. Default: JSON. */
  readonly accept?: string;
  /** Missing: the request has no body. */
  readonly request?: {
    /** An object is sent as JSON, a form in parts as it is. */
    readonly body: object | FormData;
    readonly idempotencyKey: string;
    /** Default: events, as answers that stream come in. */
    readonly accept?: string;
  };
}

async function send({ apiKey, fetch }: Connection, url: string, init: Sent): Promise<Response> {
  try {
    return await fetch(url, {
      method: init.request === undefined ? (init.method ?? 'GET') : 'POST',
      headers: {
        ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
        ...(init.request === undefined
          ? { accept: init.accept ?? 'application/json' }
          : {
              ...(init.request.body instanceof FormData ? {} : { 'content-type': 'application/json' }),
              accept: init.request.accept ?? 'text/event-stream',
              'idempotency-key': init.request.idempotencyKey,
            }),
      },
      body: bodyOfRequest(init),
      // Neither the key nor the prompt may follow a redirect to another host.
      redirect: 'manual',
      signal: init.signal,
    });
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw networkError(init.subject, { kind: 'unreachable', reason: networkReason(error) });
  }
}

function bodyOfRequest({ request }: Sent): RequestInit['body'] {
  if (request === undefined) return undefined;
  // Both kinds of form follow the same standard; their types come from different packages.
  return request.body instanceof FormData
    ? (request.body as unknown as RequestInit['body'])
    : JSON.stringify(request.body);
}

/**
 * Sends a request to the base under which the server answers. Where that is not
 * known, the bases are tried in their order. Throws Refused, and PROVIDER_NETWORK.
 */
export async function sendToBase(connection: Connection, path: string, init: Sent): Promise<Response> {
  const { bases, memory } = connection;
  const [address = ''] = bases;
  const known = memory.baseOf(address);
  const candidates = known === undefined ? bases : [known];
  let missing: Refused | null = null;
  for (const base of candidates) {
    const response = await send(connection, base + path, init);
    if (response.status >= 300 && response.status < 400) {
      const isToHttps = base.startsWith('http:') && /^https:/i.test(response.headers.get('location') ?? '');
      throw redirectError(init.subject, { status: response.status, isToHttps });
    }
    if (response.ok && (candidates.length === 1 || !isPage(response))) {
      memory.rememberBase(address, base);
      return response;
    }
    const failure = readFailure(bodyOf(await readStart(response, maxErrorBytes)));
    const { status, headers } = response;
    const refused = new Refused({ status: response.ok ? 404 : status, failure, headers, usage: null });
    if (candidates.length === 1 || !isMissingPath(refused)) throw refused;
    missing ??= refused;
  }
  throw missing ?? networkError(init.subject, { kind: 'unreadable' });
}

/** A web app answers every path that it does not know with its page. */
function isPage({ headers }: Response): boolean {
  return /^text\/html\b/i.test(headers.get('content-type') ?? '');
}

function isMissingPath({ status, failure }: Refused): boolean {
  return (status === 404 || status === 405) && failure.kind === undefined && !/model/i.test(failure.words);
}

/** A body as JSON, or as the text that it is. */
function bodyOf(text: string): unknown {
  return parseJson(text) ?? text;
}

/** The error for a refusal. `request` names what of the words is private; null: nothing was sent. */
export function refusalOf(options: {
  readonly connection: Connection;
  readonly refused: Refused;
  readonly request: PrivateRequest | null;
  readonly subject: ErrorSubject;
}): TerminalError | RetryableError {
  const { connection, refused, request } = options;
  const { failure, status } = refused;
  return refusalError(options.subject, {
    status,
    kind: failure.kind,
    explanation: explain(connection, request, failure.words),
    retryAfterMs: retryAfterOf(refused.headers, connection.now()) ?? failure.retryAfterMs,
    paceMs: failure.paceMs,
    setting: request === null ? null : refusedSetting(failure),
    usage: refused.usage,
  });
}

/** The server's own words, without what is private; null where nothing is left. */
export function explain(connection: Connection, request: PrivateRequest | null, words: string): string | null {
  return redactExplanation(words, {
    secrets: [connection.apiKey],
    contents: [request?.userMessage ?? '', request?.systemPrompt ?? ''],
    choices: [request?.model ?? ''],
  });
}
