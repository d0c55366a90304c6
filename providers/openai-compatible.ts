import { AppError, TerminalError, type RetryableError } from '../core/errors/app-error.ts';
import { AnswerText } from './answer-text.ts';
import { blockedError, emptyError, networkError, noTextError, refusalError, truncatedError } from './errors.ts';
import type { ErrorSubject, SettingNames } from './errors.ts';
import { guardCall, type GuardedCall } from './guarded-call.ts';
import { networkReason, parseJson, readStart } from './http-body.ts';
import { chatBody, openAiChunkSchema, openAiModelsSchema, readFailure, usageOf } from './openai-wire.ts';
import type { OpenAiChunk, OpenAiFailure, TokenLimitField } from './openai-wire.ts';
import type { CallLimits, ModelProvider, ProviderAnswer, ProviderModel, ProviderRequest } from './provider.ts';
import { redactExplanation } from './redact.ts';
import { parseRetryAfter } from './retry-delay.ts';
import { EventStreamError, readServerSentEvents } from './server-sent-events.ts';
import { parseApiKey, parseBaseUrl, urlText } from './settings.ts';

export interface OpenAiCompatibleOptions {
  /**
   * Where the server is, e.g. `http://localhost:11434/v1`. `/v1` is added where
   * the path names no version. Empty or missing: the provider is not configured.
   */
  readonly baseUrl?: string;
  /** Local servers need none. */
  readonly apiKey?: string;
  /** Models to offer even where the list cannot be read. */
  readonly models: readonly string[];
  readonly limits: CallLimits;
  /** The time of day in milliseconds, for `Retry-After` dates. */
  readonly now: () => number;
  /** Where key and address are corrected. Default: the environment variables. */
  readonly names?: SettingNames;
  /** Makes the requests. Default: the runtime's own, which reaches every address. */
  readonly fetch?: typeof globalThis.fetch;
}

const title = 'The OpenAI-compatible server';
const keyVariable = 'OPENAI_API_KEY';
const addressVariable = 'OPENAI_BASE_URL';

/** The beginning of an error page that is looked at. */
const maxErrorBytes = 64 * 1024;
/** A list of thousands of models; more is no list of models. */
const maxListBytes = 4 * 1024 * 1024;
/** Bytes of event stream for each byte of answer: a token of two letters comes in about 300 bytes of JSON. */
const streamBytesPerByte = 200;

const environmentNames: SettingNames = { keyVariable, addressVariable };

interface Connection {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly now: () => number;
  readonly names: SettingNames;
  readonly fetch: typeof globalThis.fetch;
}

/** Any server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, llama.cpp, LM Studio. */
export function createOpenAiCompatibleProvider(options: OpenAiCompatibleOptions): ModelProvider {
  const apiKey = parseApiKey(options.apiKey, keyVariable);
  const configured = (options.baseUrl?.trim() ?? '') !== '';
  const connection: Connection = {
    baseUrl: configured ? versionedUrl(options.baseUrl ?? '') : '',
    apiKey,
    now: options.now,
    names: options.names ?? environmentNames,
    fetch: options.fetch ?? globalThis.fetch,
  };
  const { limits } = options;
  return {
    id: 'openai',
    title: 'OpenAI-compatible',
    variable: addressVariable,
    setupAdvice:
      `Set ${addressVariable} (and ${keyVariable} where the server wants a key) and restart, ` +
      'e.g. http://localhost:11434/v1 for Ollama.',
    configured,
    configuredModels: options.models,
    // OpenAI works on 2048 pixels at most; local servers commonly take bodies of 20 MB, base64 included.
    imageLimits: { maxSide: 2048, maxBytes: 4 * 1024 * 1024, maxTotalBytes: 14 * 1024 * 1024, maxCount: 16 },
    claims: () => true,

    listModels: ({ signal }) =>
      guardCall({ title, signal, totalMs: limits.listMs }, (call) => listModels(connection, call)),

    generate: (request, { signal, onDelta }) =>
      guardCall({ title, signal, firstByteMs: limits.firstByteMs, totalMs: limits.totalMs }, async (call) => {
        const text = new AnswerText({ title, maxBytes: limits.maxOutputBytes, onDelta });
        const response = await ask(connection, request, call);
        const maxBytes = limits.maxOutputBytes * streamBytesPerByte;
        return readAnswer({ connection, response, request, call, text, maxBytes });
      }),
  };
}

function versionedUrl(given: string): string {
  const url = parseBaseUrl(given, addressVariable);
  return /\/v\d/.test(url.pathname) ? urlText(url) : `${urlText(url)}/v1`;
}

function subjectOf({ names }: Connection, model: string | null): ErrorSubject {
  return { title, ...names, model };
}

async function send(
  { baseUrl, apiKey, fetch }: Connection,
  path: string,
  init: { readonly subject: ErrorSubject; readonly signal: AbortSignal; readonly request?: SentBody },
): Promise<Response> {
  try {
    return await fetch(`${baseUrl}${path}`, {
      method: init.request === undefined ? 'GET' : 'POST',
      headers: {
        ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
        ...(init.request === undefined
          ? { accept: 'application/json' }
          : {
              'content-type': 'application/json',
              accept: 'text/event-stream',
              'idempotency-key': init.request.idempotencyKey,
            }),
      },
      body: init.request === undefined ? undefined : JSON.stringify(init.request.body),
      // Neither the key nor the prompt may follow a redirect to another host.
      redirect: 'manual',
      signal: init.signal,
    });
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw networkError(init.subject, { kind: 'unreachable', reason: networkReason(error) });
  }
}

interface SentBody {
  readonly body: object;
  readonly idempotencyKey: string;
}

async function ask(connection: Connection, request: ProviderRequest, call: GuardedCall): Promise<Response> {
  const subject = subjectOf(connection, request.model);
  const fields: readonly TokenLimitField[] = ['max_tokens', 'max_completion_tokens'];
  for (const field of fields) {
    const response = await send(connection, '/chat/completions', {
      subject,
      signal: call.signal,
      request: { body: chatBody(request, field), idempotencyKey: request.idempotencyKey },
    });
    if (response.ok) return response;
    const failure = await readRefusal(response, subject);
    // Nothing was generated and the server named the field it wants: that is a negotiation, not another attempt.
    if (failure.wantsOtherTokenField && field === 'max_tokens') continue;
    throw refusalOf({ connection, status: response.status, headers: response.headers, failure, request, subject });
  }
  throw refusalError(subject, { status: 400, explanation: null });
}

async function readRefusal(response: Response, subject: ErrorSubject): Promise<OpenAiFailure> {
  if (response.status < 400) throw networkError(subject, { kind: 'unreadable' });
  return readFailure(parseJson(await readStart(response, maxErrorBytes)));
}

function refusalOf(refused: {
  readonly connection: Connection;
  readonly status: number;
  readonly headers: Headers | null;
  readonly failure: OpenAiFailure;
  readonly request: ProviderRequest | null;
  readonly subject: ErrorSubject;
}): TerminalError | RetryableError {
  const { connection, failure, request } = refused;
  return refusalError(refused.subject, {
    status: refused.status,
    kind: failure.kind,
    explanation: redactExplanation(failure.words, {
      secrets: [connection.apiKey],
      contents: [request?.userMessage ?? '', request?.systemPrompt ?? ''],
    }),
    retryAfterMs: parseRetryAfter(refused.headers?.get('retry-after') ?? null, connection.now()),
  });
}

async function* readChunks(
  response: Response,
  subject: ErrorSubject,
  maxBytes: number,
): AsyncGenerator<OpenAiChunk | 'done'> {
  if (response.body === null) return;
  const events = readServerSentEvents(response.body, maxBytes);
  for (;;) {
    let next: IteratorResult<string>;
    try {
      next = await events.next();
    } catch (error) {
      if (error instanceof EventStreamError) throw endlessError(maxBytes);
      throw networkError(subject, { kind: 'broken', reason: networkReason(error) });
    }
    if (next.done) return;
    if (next.value.trim() === '[DONE]') {
      yield 'done';
      return;
    }
    const chunk = openAiChunkSchema.safeParse(parseJson(next.value));
    if (!chunk.success) throw networkError(subject, { kind: 'unreadable' });
    yield chunk.data;
  }
}

async function readAnswer(options: {
  readonly connection: Connection;
  readonly response: Response;
  readonly request: ProviderRequest;
  readonly call: GuardedCall;
  readonly text: AnswerText;
  readonly maxBytes: number;
}): Promise<ProviderAnswer> {
  const { connection, request, call, text } = options;
  const subject = subjectOf(connection, request.model);
  let finishReason: string | null = null;
  let isDone = false;
  let hasEvents = false;
  let hasToolCalls = false;
  let usage: OpenAiChunk['usage'];
  let model = request.model;

  for await (const chunk of readChunks(options.response, subject, options.maxBytes)) {
    call.firstByteArrived();
    hasEvents = true;
    if (chunk === 'done') {
      isDone = true;
      break;
    }
    if (chunk.error) {
      const failure = readFailure(chunk);
      throw refusalOf({ connection, status: statusOf(chunk.error), headers: null, failure, request, subject });
    }
    usage = chunk.usage ?? usage;
    model = chunk.model || model;
    const choice = chunk.choices?.[0];
    finishReason = choice?.finish_reason || finishReason;
    if (choice?.delta?.refusal) throw blockedError(subject, { reason: 'refusal', usage: usageOf(usage) });
    hasToolCalls ||= (choice?.delta?.tool_calls?.length ?? 0) > 0;
    text.add(choice?.delta?.content ?? '');
  }

  const answer = text.finish();
  const spent = usageOf(usage);
  if (!hasEvents) throw networkError(subject, { kind: 'unreadable' });
  if (finishReason === null && !isDone) throw networkError(subject, { kind: 'broken' });
  if (finishReason === 'length') {
    throw truncatedError(subject, {
      characters: answer.length,
      maxOutputTokens: request.maxOutputTokens,
      usage: spent,
    });
  }
  if (finishReason === 'content_filter') throw blockedError(subject, { reason: finishReason, usage: spent });
  if (answer.trim() !== '') return { text: answer, usage: spent, model };
  if (hasToolCalls) throw noTextError(subject, { what: 'a tool call', usage: spent });
  throw emptyError(subject, { reason: finishReason === 'stop' ? null : finishReason, usage: spent });
}

/** The HTTP status that an error inside a stream stands for. */
function statusOf(error: NonNullable<OpenAiChunk['error']>): number {
  const code = typeof error === 'object' ? Number(error.code) : Number.NaN;
  return Number.isInteger(code) && code >= 400 && code <= 599 ? code : 500;
}

async function listModels(connection: Connection, call: GuardedCall): Promise<readonly ProviderModel[]> {
  const subject = subjectOf(connection, null);
  const response = await send(connection, '/models', { subject, signal: call.signal });
  if (!response.ok) {
    const failure = await readRefusal(response, subject);
    throw refusalOf({
      connection,
      status: response.status,
      headers: response.headers,
      failure,
      request: null,
      subject,
    });
  }
  const list = openAiModelsSchema.safeParse(parseJson(await readStart(response, maxListBytes)));
  if (!list.success) throw networkError(subject, { kind: 'unreadable' });
  return (list.data.data ?? []).map(({ id }) => ({ id, title: id }));
}

function endlessError(maxBytes: number): TerminalError {
  return new TerminalError(
    'NODE_OUTPUT_TOO_LARGE',
    `${title} sent more than ${Math.round(maxBytes / 1024 / 1024)} MB without ending its answer, so it was stopped. ` +
      'Set "Longest answer" (maxOutputTokens), or choose another model.',
    { details: { maxBytes } },
  );
}
