import {
  GoogleGenerativeAI,
  GoogleGenerativeAIError,
  GoogleGenerativeAIFetchError,
  type GenerateContentStreamResult,
  type Part,
} from '@google/generative-ai';
import { TerminalError, type RetryableError } from '../core/errors/app-error.ts';
import { AnswerText } from './answer-text.ts';
import { blockedError, emptyError, networkError, noTextError, refusalError, truncatedError } from './errors.ts';
import type { ErrorSubject, SettingNames } from './errors.ts';
import { listGeminiModels } from './gemini-models.ts';
import { geminiChunkSchema, readErrorDetails, usageOf, type GeminiChunk, type GeminiUsage } from './gemini-wire.ts';
import { guardCall, type GuardedCall } from './guarded-call.ts';
import type { CallLimits, ModelProvider, ProviderAnswer, ProviderRequest } from './provider.ts';
import { redactExplanation } from './redact.ts';
import { parseApiKey, parseBaseUrl, urlText } from './settings.ts';

export interface GeminiOptions {
  /** Empty or missing: the provider is not configured. */
  readonly apiKey?: string;
  /** Default: Google's public service. With or without `/v1beta` at the end. */
  readonly baseUrl?: string;
  /** Models to offer even where the list cannot be read. */
  readonly models: readonly string[];
  readonly limits: CallLimits;
  /** Where key and address are corrected. Default: the environment variables. */
  readonly names?: SettingNames;
}

const title = 'Gemini';
const keyVariable = 'GEMINI_API_KEY';
const addressVariable = 'GEMINI_BASE_URL';
const publicService = 'https://generativelanguage.googleapis.com';

/** `gemini-…`, or a path of the service such as `tunedModels/…`; nothing that could leave that path. */
const modelPattern = /^(?:(?:models|tunedModels)\/)?[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Finish reasons that mean "our rules forbid this". */
const blockingReason =
  /^(?:SAFETY|RECITATION|LANGUAGE|BLOCKLIST|PROHIBITED_CONTENT|SPII|IMAGE_(?:SAFETY|PROHIBITED_CONTENT|RECITATION))$/;

/** What an endless stream of thoughts and pictures may cost in memory: about the size of the largest request. */
const maxStreamBytes = 32 * 1024 * 1024;
/** What an event costs beside its text, so that endless empty ones are counted too. */
const eventBytes = 64;

/** Google's Gemini, by its own SDK. */
export function createGeminiProvider(options: GeminiOptions): ModelProvider {
  const apiKey = parseApiKey(options.apiKey, keyVariable);
  const given = options.baseUrl?.trim() ? options.baseUrl : publicService;
  const baseUrl = urlText(parseBaseUrl(given, addressVariable)).replace(/\/v1beta$/, '');
  const { limits, names = { keyVariable, addressVariable } } = options;
  const subjectOf = (model: string | null): ErrorSubject => ({ title, ...names, model });

  return {
    id: 'gemini',
    title,
    variable: keyVariable,
    setupAdvice: `Set ${keyVariable} to a key of Google AI Studio and restart.`,
    configured: apiKey !== '',
    configuredModels: options.models,
    // The service scales pictures down to 3072 pixels itself and takes 20 MB of inline data, base64 included.
    imageLimits: { maxSide: 3072, maxBytes: 4 * 1024 * 1024, maxTotalBytes: 14 * 1024 * 1024, maxCount: 16 },
    claims: (model) => model.startsWith('gemini') || options.models.includes(model),

    listModels: ({ signal }) =>
      guardCall({ title, signal, totalMs: limits.listMs }, (call) =>
        listGeminiModels({ baseUrl, apiKey, subject: subjectOf(null), signal: call.signal }),
      ),

    generate: (request, { signal, onDelta }) =>
      guardCall({ title, signal, firstByteMs: limits.firstByteMs, totalMs: limits.totalMs }, async (call) => {
        const subject = subjectOf(request.model);
        if (!modelPattern.test(request.model)) throw refusalError(subject, { status: 404, explanation: null });
        const text = new AnswerText({ title, maxBytes: limits.maxOutputBytes, onDelta });
        const stream = await openStream({ apiKey, baseUrl, request, subject, call });
        return readAnswer({ stream, request, subject, call, text, apiKey });
      }),
  };
}

interface OpenOptions {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly request: ProviderRequest;
  readonly subject: ErrorSubject;
  readonly call: GuardedCall;
}

async function openStream(options: OpenOptions): Promise<GenerateContentStreamResult> {
  const { request, call } = options;
  const model = new GoogleGenerativeAI(options.apiKey).getGenerativeModel(
    {
      model: request.model,
      ...(request.systemPrompt?.trim() ? { systemInstruction: request.systemPrompt } : {}),
      generationConfig: { temperature: request.temperature, maxOutputTokens: request.maxOutputTokens },
    },
    // No `timeout` here: the SDK never clears its timer and cannot tell a timeout from an abort.
    { baseUrl: options.baseUrl, customHeaders: { 'idempotency-key': request.idempotencyKey } },
  );
  const parts: Part[] = [
    { text: request.userMessage },
    ...request.images.map(({ mimeType, base64 }) => ({ inlineData: { mimeType, data: base64 } })),
  ];
  try {
    const stream = await model.generateContentStream({ contents: [{ role: 'user', parts }] }, { signal: call.signal });
    // The SDK collects the whole answer a second time; nobody waits for that promise, so it must not reject unheard.
    stream.response.catch(() => undefined);
    return stream;
  } catch (error) {
    throw openingError(error, options);
  }
}

function openingError(error: unknown, { apiKey, request, subject }: OpenOptions): Error {
  if (!(error instanceof GoogleGenerativeAIFetchError) || error.status === undefined) {
    return networkError(subject, { kind: 'unreachable' });
  }
  const details: readonly unknown[] = Array.isArray(error.errorDetails) ? error.errorDetails : [];
  // The SDK's message is "Error fetching from <URL>: [<status> <text>] <the service's words> <details as JSON>".
  const words = error.message.replace(/^[\s\S]*?\[\d{3} [^\]]*\]\s*/, '').split(' [{', 1)[0] ?? '';
  return refusalOf({ status: error.status, words, details, apiKey, request, subject });
}

function refusalOf(refused: {
  readonly status: number;
  readonly words: string;
  readonly details: readonly unknown[];
  readonly apiKey: string;
  readonly request: ProviderRequest;
  readonly subject: ErrorSubject;
}): TerminalError | RetryableError {
  const { retryAfterMs, isBadKey } = readErrorDetails(refused.details);
  const explanation = redactExplanation(refused.words, {
    secrets: [refused.apiKey],
    contents: [refused.request.userMessage, refused.request.systemPrompt ?? ''],
  });
  return refusalError(refused.subject, {
    status: refused.status,
    explanation,
    retryAfterMs,
    ...(isBadKey ? { kind: 'bad-key' } : {}),
  });
}

async function* readChunks(
  stream: GenerateContentStreamResult['stream'],
  subject: ErrorSubject,
): AsyncGenerator<GeminiChunk> {
  const chunks: AsyncIterator<unknown> = stream[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<unknown>;
    try {
      next = await chunks.next();
    } catch (error) {
      const isBroken = error instanceof GoogleGenerativeAIError && error.message.includes('reading from the stream');
      throw networkError(subject, { kind: isBroken ? 'broken' : 'unreadable' });
    }
    if (next.done) return;
    const chunk = geminiChunkSchema.safeParse(next.value);
    if (!chunk.success) throw networkError(subject, { kind: 'unreadable' });
    yield chunk.data;
  }
}

async function readAnswer(options: {
  readonly stream: GenerateContentStreamResult;
  readonly request: ProviderRequest;
  readonly subject: ErrorSubject;
  readonly call: GuardedCall;
  readonly text: AnswerText;
  readonly apiKey: string;
}): Promise<ProviderAnswer> {
  const { stream, request, subject, call, text } = options;
  let finishReason: string | null = null;
  let metadata: GeminiUsage | undefined;
  let model = request.model;
  let otherMedia: string | null = null;
  let streamBytes = 0;

  for await (const chunk of readChunks(stream.stream, subject)) {
    call.firstByteArrived();
    metadata = chunk.usageMetadata ?? metadata;
    model = chunk.modelVersion ?? model;
    if (chunk.error !== undefined) {
      throw refusalOf({
        status: chunk.error.code ?? 500,
        words: chunk.error.message ?? '',
        details: chunk.error.details ?? [],
        apiKey: options.apiKey,
        request,
        subject,
      });
    }
    const blockReason = chunk.promptFeedback?.blockReason;
    if (blockReason !== undefined) throw blockedError(subject, { reason: blockReason, usage: usageOf(metadata) });

    const candidate = chunk.candidates?.[0];
    finishReason = candidate?.finishReason ?? finishReason;
    streamBytes += eventBytes;
    for (const part of candidate?.content?.parts ?? []) {
      streamBytes += (part.text?.length ?? 0) + (part.inlineData?.data?.length ?? 0);
      if (part.text !== undefined && part.thought !== true) text.add(part.text);
      if (part.inlineData !== undefined) otherMedia = part.inlineData.mimeType;
    }
    if (streamBytes > maxStreamBytes) throw endlessError();
  }

  const answer = text.finish();
  const usage = usageOf(metadata);
  if (finishReason === null) {
    throw answer === '' ? emptyError(subject, { reason: null, usage }) : networkError(subject, { kind: 'broken' });
  }
  if (finishReason === 'MAX_TOKENS') {
    throw truncatedError(subject, {
      characters: answer.length,
      maxOutputTokens: request.maxOutputTokens,
      thinkingTokens: metadata?.thoughtsTokenCount,
      usage,
    });
  }
  if (blockingReason.test(finishReason)) throw blockedError(subject, { reason: finishReason, usage });
  if (finishReason !== 'STOP') throw emptyError(subject, { reason: finishReason, usage });
  if (answer.trim() !== '') return { text: answer, usage, model };
  throw otherMedia === null
    ? emptyError(subject, { reason: null, usage })
    : noTextError(subject, { what: otherMedia, usage });
}

function endlessError(): TerminalError {
  return new TerminalError(
    'NODE_OUTPUT_TOO_LARGE',
    `${title} sent more than ${maxStreamBytes / 1024 / 1024} MB without ending its answer, so it was stopped. ` +
      'Set "Longest answer" (maxOutputTokens), or choose another model.',
    { details: { maxBytes: maxStreamBytes } },
  );
}
