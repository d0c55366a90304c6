import { AppError, type RetryableError, type TerminalError } from '../core/errors/app-error.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import { refusedSetting, type WireMemory } from './adaptions.ts';
import { networkError, redirectError, refusalError, type ErrorSubject } from './errors.ts';
import { networkReason, parseJson, readStart } from './http-body.ts';
import type { CallLimits } from './provider.ts';
import { readFailure, type Failure } from './read-failure.ts';
import { redactExplanation } from './redact.ts';
import { retryAfterOf } from './retry-delay.ts';

/* Requests to Gemini, whatever they are for, and what its refusals mean. */

/** What the service is called in messages. */
export const title = 'Gemini';

/** `gemini-…`, or a path of the service such as `tunedModels/…`; nothing that could leave that path. */
export const modelPattern = /^(?:(?:models|tunedModels)\/)?[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The beginning of an error page that is looked at. */
const maxErrorBytes = 64 * 1024;

/** The service, and how it is reached. */
export interface Service {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly limits: CallLimits;
  readonly now: () => number;
  readonly fetch: typeof globalThis.fetch;
  readonly memory: WireMemory;
  /** Waits for milliseconds. Throws when the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A request as far as its refusal speaks of it. */
export interface Refusable {
  readonly service: Service;
  readonly request: { readonly model: string; readonly userMessage: string; readonly systemPrompt?: string };
  readonly subject: ErrorSubject;
}

/** The path of a model's method, such as `:predict`, under the address of the service. */
export function pathOf(model: string, method: string): string {
  return `/v1beta/${model.includes('/') ? model : `models/${model}`}:${method}`;
}

/** Posts JSON. Throws PROVIDER_NETWORK where no answer comes, or one from elsewhere; answers of any status are answers. */
export async function post(
  service: Service,
  path: string,
  request: {
    readonly body: object;
    readonly headers?: Readonly<Record<string, string>>;
    readonly idempotencyKey: string;
    readonly subject: ErrorSubject;
    readonly signal: AbortSignal;
  },
): Promise<Response> {
  const { subject } = request;
  let response: Response;
  try {
    response = await service.fetch(`${service.baseUrl}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-goog-api-key': service.apiKey,
        'idempotency-key': request.idempotencyKey,
        ...request.headers,
      },
      body: JSON.stringify(request.body),
      // Neither the key nor the prompt may follow a redirect to another host.
      redirect: 'manual',
      signal: request.signal,
    });
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw networkError(subject, { kind: 'unreachable', reason: networkReason(error) });
  }
  const { status } = response;
  if (status < 300 || status >= 400) return response;
  const isToHttps = service.baseUrl.startsWith('http:') && /^https:/i.test(response.headers.get('location') ?? '');
  throw redirectError(subject, { status, isToHttps });
}

interface Bare {
  readonly subject: ErrorSubject;
  readonly signal: AbortSignal;
}

/** Asks for what is at a path. Throws as `post` does. */
export function get(service: Service, path: string, bare: Bare): Promise<Response> {
  return callBare('GET', service, path, bare);
}

/** Deletes what is at a path. Throws as `post` does. */
export function remove(service: Service, path: string, bare: Bare): Promise<Response> {
  return callBare('DELETE', service, path, bare);
}

async function callBare(method: string, service: Service, path: string, { subject, signal }: Bare): Promise<Response> {
  try {
    return await service.fetch(`${service.baseUrl}${path}`, {
      method,
      headers: { 'x-goog-api-key': service.apiKey },
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw networkError(subject, { kind: 'unreachable', reason: networkReason(error) });
  }
}

/** What a refusal says. */
export async function readRefusal(response: Response): Promise<Failure> {
  const text = await readStart(response, maxErrorBytes);
  return readFailure(parseJson(text) ?? text);
}

/** The error for a refusal. */
export function refusalOf(
  { service, request, subject }: Refusable,
  refused: {
    readonly status: number;
    readonly response: Response;
    readonly failure: Failure;
    readonly usage: ModelUsage | null;
  },
): TerminalError | RetryableError {
  const { failure, status } = refused;
  return refusalError(subject, {
    status,
    kind: failure.kind,
    explanation: redactExplanation(failure.words, {
      secrets: [service.apiKey],
      contents: [request.userMessage, request.systemPrompt ?? ''],
      choices: [request.model],
    }),
    retryAfterMs: longer(failure.retryAfterMs, retryAfterOf(refused.response.headers, service.now())),
    paceMs: failure.paceMs,
    setting: refusedSetting(failure),
    usage: refused.usage,
  });
}

/** A proxy and the service may each ask for a wait. */
function longer(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}
