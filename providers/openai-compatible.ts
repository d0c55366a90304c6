import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, type RetryableError, type TerminalError } from '../core/errors/app-error.ts';
import type { ModelUsage } from '../core/node-type/executor.ts';
import { adaptionFor, refusedSetting, WireMemory, type Adaption } from './adaptions.ts';
import { AnswerText } from './answer-text.ts';
import { openAiBases } from './base-addresses.ts';
import { networkError, redirectError, refusalError } from './errors.ts';
import type { ErrorSubject, SettingNames } from './errors.ts';
import { guardCall, type GuardedCall } from './guarded-call.ts';
import { networkReason, parseJson, readStart } from './http-body.ts';
import { chatBody, readChatPiece, readModelIds, type ChatPiece } from './openai-wire.ts';
import { patientFetch } from './patient-fetch.ts';
import type { CallLimits, ModelProvider, ProviderAnswer, ProviderModel, ProviderRequest } from './provider.ts';
import { concludeAnswer, readPieces } from './read-answer.ts';
import { readFailure, type Failure } from './read-failure.ts';
import { redactExplanation } from './redact.ts';
import { retryAfterOf } from './retry-delay.ts';
import { parseApiKey } from './settings.ts';
import { ThinkTags, withoutUnopenedThinking } from './think-tags.ts';

export interface OpenAiCompatibleOptions {
  /** Where the server is, e.g. `http://localhost:11434/v1`; see openAiBases. Empty or missing: the provider is not configured. */
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
  /** Makes the requests. Default: reaches every address. */
  readonly fetch?: typeof globalThis.fetch;
  /** What servers asked for so far. Default: an empty one of its own. */
  readonly memory?: WireMemory;
  /** Waits between two questions to a server that loads its model. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const title = 'The OpenAI-compatible server';
const keyVariable = 'OPENAI_API_KEY';
const addressVariable = 'OPENAI_BASE_URL';

/** The beginning of an error page that is looked at. */
const maxErrorBytes = 64 * 1024;
/** A list of thousands of models; more is no list of models. */
const maxListBytes = 4 * 1024 * 1024;
/** Between two questions to a server that loads its model. */
const loadingWaitsMs = [1_000, 2_000, 4_000];
/** The share of the time for the first piece that is waited for a model that loads. */
const loadingShare = 0.5;

const environmentNames: SettingNames = { keyVariable, addressVariable };

interface Connection {
  /** As configured; what is remembered about the server is remembered under the first. */
  readonly bases: readonly string[];
  readonly apiKey: string;
  readonly limits: CallLimits;
  readonly now: () => number;
  readonly names: SettingNames;
  readonly fetch: typeof globalThis.fetch;
  readonly memory: WireMemory;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Any server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, llama.cpp, LM Studio. */
export function createOpenAiCompatibleProvider(options: OpenAiCompatibleOptions): ModelProvider {
  const apiKey = parseApiKey(options.apiKey, keyVariable);
  const configured = (options.baseUrl?.trim() ?? '') !== '';
  const { limits } = options;
  const connection: Connection = {
    bases: configured ? openAiBases(options.baseUrl ?? '', addressVariable) : [''],
    apiKey,
    limits,
    now: options.now,
    names: options.names ?? environmentNames,
    fetch: options.fetch ?? patientFetch,
    memory: options.memory ?? new WireMemory(),
    wait: options.wait ?? (async (ms, signal) => sleep(ms, undefined, { signal })),
  };
  return {
    id: 'openai',
    title: 'OpenAI-compatible',
    variable: addressVariable,
    setupAdvice:
      `Set ${addressVariable} (and ${keyVariable} if the server requires a key) and restart, ` +
      'e.g. http://localhost:11434/v1 for Ollama.',
    configured,
    configuredModels: options.models,
    // OpenAI works on 2048 pixels at most; local servers commonly take bodies of 20 MB, base64 included.
    imageLimits: { maxSide: 2048, maxBytes: 4 * 1024 * 1024, maxTotalBytes: 14 * 1024 * 1024, maxCount: 16 },
    claims: () => true,

    listModels: ({ signal }) =>
      guardCall({ title, signal, totalMs: limits.listMs }, (call) => listModels(connection, call)),

    generate: (request, { signal, onDelta }) =>
      guardCall({ title, signal, ...limits }, (call) => generate({ connection, request, call, onDelta })),
  };
}

interface Generation {
  readonly connection: Connection;
  readonly request: ProviderRequest;
  readonly call: GuardedCall;
  readonly onDelta: (text: string) => void;
}

/** The server answered with an error in place of an answer. */
class Refused extends Error {
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

/**
 * Asks until the server takes the request as it is: what it refuses of the form
 * is changed, each thing once, and remembered. Nothing was generated by then, so
 * that is a negotiation and no other attempt.
 */
async function generate(generation: Generation): Promise<ProviderAnswer> {
  const { connection, request, call } = generation;
  const [address = ''] = connection.bases;
  const { memory } = connection;
  const tried = new Set<Adaption>();
  let waitedMs = 0;
  for (let loads = 0; ;) {
    const adaptions = new Set([...memory.adaptionsOf(address, request.model), ...tried]);
    const text = new AnswerText({ title, maxBytes: connection.limits.maxOutputBytes, onDelta: generation.onDelta });
    try {
      const response = await ask(generation, adaptions);
      return await readAnswer(generation, response, text);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const adaption = adaptionFor(error.failure, error.status, {
        hasStreamOptions: !adaptions.has('no-stream') && !adaptions.has('no-stream-options'),
        hasMaxTokens: request.maxOutputTokens !== undefined && !adaptions.has('other-token-field'),
        hasSystem: Boolean(request.systemPrompt?.trim()) && !adaptions.has('system-in-user'),
        hasTemperature: request.temperature !== undefined && !adaptions.has('no-temperature'),
        isStream: !adaptions.has('no-stream'),
        hasSchema: request.answerSchema !== undefined && !adaptions.has('no-schema'),
      });
      if (adaption !== null && !tried.has(adaption) && text.length === 0) {
        tried.add(adaption);
        // That a schema is refused may be for what is in it: the next one is asked for in the same way.
        if (adaption !== 'no-schema') memory.remember(address, request.model, adaption);
        continue;
      }
      const waitMs = loadingWaitsMs[Math.min(loads, loadingWaitsMs.length - 1)] ?? 0;
      if (!isLoading(error) || waitedMs + waitMs > connection.limits.firstByteMs * loadingShare) {
        throw refusalOf({ connection, refused: error, request, subject: subjectOf(connection, request.model) });
      }
      loads += 1;
      waitedMs += waitMs;
      await connection.wait(waitMs, call.signal);
      call.signOfLife();
    }
  }
}

/** llama.cpp and others say so for as long as they load; where one names a wait, the engine keeps it. */
function isLoading({ status, failure, headers }: Refused): boolean {
  return status === 503 && /\bloading\b/i.test(failure.words) && !headers.has('retry-after') && !failure.retryAfterMs;
}

function subjectOf({ names }: Connection, model: string | null): ErrorSubject {
  return { title, ...names, model };
}

interface Sent {
  readonly subject: ErrorSubject;
  readonly signal: AbortSignal;
  /** Missing: the request is a GET. */
  readonly request?: { readonly body: object; readonly idempotencyKey: string };
}

async function send({ apiKey, fetch }: Connection, url: string, init: Sent): Promise<Response> {
  try {
    return await fetch(url, {
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

/**
 * Sends a request to the base under which the server answers. Where that is not
 * known, the bases are tried in their order. Throws Refused, and PROVIDER_NETWORK.
 */
async function sendToBase(connection: Connection, path: string, init: Sent): Promise<Response> {
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

async function ask({ connection, request, call }: Generation, adaptions: ReadonlySet<Adaption>): Promise<Response> {
  return sendToBase(connection, '/chat/completions', {
    subject: subjectOf(connection, request.model),
    signal: call.signal,
    request: { body: chatBody(request, adaptions), idempotencyKey: request.idempotencyKey },
  });
}

function refusalOf(options: {
  readonly connection: Connection;
  readonly refused: Refused;
  readonly request: ProviderRequest | null;
  readonly subject: ErrorSubject;
}): TerminalError | RetryableError {
  const { connection, refused, request } = options;
  const { failure, status } = refused;
  return refusalError(options.subject, {
    status,
    kind: failure.kind,
    explanation: explain(connection, request, failure.words),
    retryAfterMs: retryAfterOf(refused.headers, connection.now()) ?? failure.retryAfterMs,
    setting: request === null ? null : refusedSetting(failure),
    usage: refused.usage,
  });
}

function explain(connection: Connection, request: ProviderRequest | null, words: string): string | null {
  return redactExplanation(words, {
    secrets: [connection.apiKey],
    contents: [request?.userMessage ?? '', request?.systemPrompt ?? ''],
    choices: [request?.model ?? ''],
  });
}

async function readAnswer(
  { connection, request, call }: Generation,
  response: Response,
  text: AnswerText,
): Promise<ProviderAnswer> {
  const subject = subjectOf(connection, request.model);
  const thinking = new ThinkTags();
  let finishReason: string | null = null;
  let refusal = '';
  let received = '';
  let otherKind: string | null = null;
  let usage: ModelUsage | null = null;
  let model: string | null = null;
  const refused = (failure: Failure): Refused =>
    new Refused({ status: failure.status ?? 500, failure, headers: response.headers, usage });
  const take = (piece: ChatPiece): void => {
    usage = piece.usage ?? usage;
    model = piece.model ?? model;
    finishReason = piece.finishReason ?? finishReason;
    refusal += piece.refusal.slice(0, 2000 - refusal.length);
    otherKind ??= piece.otherKind;
    // Some servers repeat the whole text in their last event.
    const { wholeText } = piece;
    const added =
      wholeText === null ? piece.text : wholeText.startsWith(received) ? wholeText.slice(received.length) : wholeText;
    if (received.length <= connection.limits.maxOutputBytes) received += added;
    text.add(thinking.push(added));
  };

  const end = await readPieces({
    response,
    subject,
    call,
    limits: connection.limits,
    isWhole: () => finishReason !== null,
    usage: () => usage,
    read: readChatPiece,
    take,
    refused,
  });

  text.add(thinking.end());
  return concludeAnswer(request, subject, {
    ...end,
    // Its end alone is an answer, too: an empty one.
    hasBegun: end.hasBegun || end.isDone,
    text: withoutUnopenedThinking(text.finish()),
    finishReason,
    refusal: refusal === '' ? null : (explain(connection, request, refusal) ?? ''),
    otherKind,
    usage,
    model,
  });
}

async function listModels(connection: Connection, call: GuardedCall): Promise<readonly ProviderModel[]> {
  const subject = subjectOf(connection, null);
  try {
    const response = await sendToBase(connection, '/models', { subject, signal: call.signal });
    const ids = readModelIds(parseJson(await readStart(response, maxListBytes)));
    if (ids === null) throw networkError(subject, { kind: 'unreadable' });
    return ids.map((id) => ({ id, title: id }));
  } catch (error) {
    throw error instanceof Refused ? refusalOf({ connection, refused: error, request: null, subject }) : error;
  }
}
