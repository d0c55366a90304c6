import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import { adaptionFor, WireMemory, type Adaption } from './adaptions.ts';
import type { AdapterOptions } from './adapter-options.ts';
import { AnswerText } from './answer-text.ts';
import { geminiBase } from './base-addresses.ts';
import { blockedError, refusalError } from './errors.ts';
import type { ErrorSubject } from './errors.ts';
import { FirstChoice } from './first-choice.ts';
import { listGeminiModels } from './gemini-models.ts';
import { geminiBody, readGeminiPiece, type GeminiRequest } from './gemini-wire.ts';
import { guardCall, type GuardedCall } from './guarded-call.ts';
import { hearLimits } from './limit-headers.ts';
import { modelPattern, pathOf, post, readRefusal, refusalOf, title, type Service } from './gemini-connection.ts';
import { maxStoredBytes, storedFile } from './gemini-files.ts';
import { geminiMedia } from './gemini-media.ts';
import { geminiVideos } from './gemini-videos.ts';
import { patientFetch } from './patient-fetch.ts';
import type { ModelProvider, ProviderAnswer } from './provider.ts';
import { concludeAnswer, readPieces } from './read-answer.ts';
import { parseApiKey } from './settings.ts';
import { shownWord } from './wire-fields.ts';

/** Whose key, which service, and how long to wait. */
export interface GeminiOptions extends AdapterOptions {
  /** Empty or missing: the provider is not configured. */
  readonly apiKey?: string;
  /** Default: Google's public service. With or without `/v1beta` at the end. */
  readonly baseUrl?: string;
}

const keyVariable = 'GEMINI_API_KEY';
const addressVariable = 'GEMINI_BASE_URL';
const publicService = 'https://generativelanguage.googleapis.com';

/** Google's Gemini. */
export function createGeminiProvider(options: GeminiOptions): ModelProvider {
  const apiKey = parseApiKey(options.apiKey, keyVariable);
  const given = options.baseUrl?.trim() ? options.baseUrl : publicService;
  const { limits, names = { keyVariable, addressVariable } } = options;
  const subjectOf = (model: string | null): ErrorSubject => ({ title, ...names, model });
  const service: Service = {
    apiKey,
    baseUrl: geminiBase(given, addressVariable),
    limits,
    now: options.now,
    fetch: options.fetch ?? patientFetch,
    memory: options.memory ?? new WireMemory(),
    wait: options.wait ?? (async (ms, signal) => sleep(ms, undefined, { signal })),
  };

  return {
    id: 'gemini',
    title,
    variable: keyVariable,
    setupAdvice: `Set ${keyVariable} to a key of Google AI Studio and restart.`,
    configured: apiKey !== '',
    configuredModels: options.models,
    // The service scales images down to 3072 pixels itself and takes 20 MB of inline data, base64 included.
    imageLimits: { maxSide: 3072, maxBytes: 4 * 1024 * 1024, maxTotalBytes: 14 * 1024 * 1024, maxCount: 16 },
    maxStoredBytes,
    claims: (model) => /^(?:gemini|veo-)/.test(model) || options.models.includes(model),

    listModels: ({ signal }) =>
      guardCall({ title, signal, totalMs: limits.listMs }, (call) =>
        listGeminiModels({ ...service, subject: subjectOf(null), signal: call.signal }),
      ),

    generate: (request, { signal, onDelta, ...options }) =>
      guardCall({ title, signal, ...limits }, async (call) => {
        const heard = hearLimits(service, [service.baseUrl], options);
        const subject = subjectOf(request.model);
        if (!modelPattern.test(request.model))
          throw refusalError(subject, { status: 404, explanation: null, kind: 'no-such-model' });
        const files: GeminiRequest['files'][number][] = [];
        for (const file of request.files ?? []) {
          const stored = { service, subject, call };
          files.push('path' in file ? await storedFile(stored, { ...file, file: file.path }) : file);
        }
        return generate({ service: heard, request: { ...request, files }, subject, call, onDelta });
      }),

    ...geminiMedia(service, subjectOf),
    videos: geminiVideos(service, subjectOf),
  };
}

interface Generation {
  readonly service: Service;
  readonly request: GeminiRequest;
  readonly subject: ErrorSubject;
  readonly call: GuardedCall;
  readonly onDelta: (text: string) => void;
}

/** Asks until the service takes the request as it is: what it refuses of the form is changed, each thing once, and remembered. */
async function generate(generation: Generation): Promise<ProviderAnswer> {
  const { service, request, subject } = generation;
  const { memory, baseUrl } = service;
  const tried = new Set<Adaption>();
  for (;;) {
    const adaptions = new Set([...memory.adaptionsOf(baseUrl, request.model), ...tried]);
    // The SDK is not asked to: it reads a stream in time that grows with the square of an event's size.
    const response = await post(service, `${pathOf(request.model, 'streamGenerateContent')}?alt=sse`, {
      body: geminiBody(request, adaptions),
      idempotencyKey: request.idempotencyKey,
      subject,
      signal: generation.call.signal,
    });
    if (response.ok) {
      const text = new AnswerText({ title, maxBytes: service.limits.maxOutputBytes, onDelta: generation.onDelta });
      return readAnswer(generation, response, text, subject);
    }
    const failure = await readRefusal(response);
    const adaption = adaptionFor(failure, response.status, {
      hasStreamOptions: false,
      hasMaxTokens: false,
      hasSystem: Boolean(request.systemPrompt?.trim()) && !adaptions.has('system-in-user'),
      hasTemperature: false,
      isStream: false,
      hasSchema: request.answerSchema !== undefined && !adaptions.has('no-schema'),
    });
    if (adaption === null || tried.has(adaption)) {
      throw refusalOf(generation, { status: response.status, response, failure, usage: null });
    }
    tried.add(adaption);
    // That a schema is refused may be for what is in it: the next one is asked for in the same way.
    if (adaption !== 'no-schema') memory.remember(baseUrl, request.model, adaption);
  }
}

async function readAnswer(
  generation: Generation,
  response: Response,
  text: AnswerText,
  subject: ErrorSubject,
): Promise<ProviderAnswer> {
  const { service, request, call } = generation;
  let finishReason: string | null = null;
  let usage: ModelUsage | null = null;
  let thinkingTokens: number | undefined;
  let model: string | null = null;
  let otherKind: string | null = null;
  const followed = new FirstChoice();

  const end = await readPieces({
    response,
    subject,
    call,
    limits: service.limits,
    isWhole: () => finishReason !== null,
    usage: () => usage,
    read: (message) => readGeminiPiece(message, followed),
    take: (piece) => {
      usage = piece.usage ?? usage;
      thinkingTokens = piece.thinkingTokens ?? thinkingTokens;
      model = piece.model ?? model;
      otherKind ??= piece.otherKind;
      if (piece.blockReason !== null) {
        throw blockedError(subject, { reason: shownWord(piece.blockReason) ?? 'no reason given', usage });
      }
      finishReason = piece.finishReason ?? finishReason;
      text.add(piece.text);
    },
    refused: (failure) => refusalOf(generation, { status: failure.status ?? 500, response, failure, usage }),
  });

  return concludeAnswer(request, subject, {
    ...end,
    text: text.finish(),
    finishReason,
    refusal: null,
    otherKind,
    usage,
    model,
    thinkingTokens,
  });
}
