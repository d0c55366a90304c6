import { FakeModelServer } from './fake-model-server.ts';
import type { FakeErrorStep, FakeImage, FakeUsage, FakeWire } from './fake-steps.ts';
import { readFakeImage } from './play-fake-step.ts';

export interface FakeGeminiOptions {
  /** The key that is taken as right. */
  readonly apiKey: string;
  /** Default: any free one. */
  readonly port?: number;
  /** Models of the list, by name without `models/`. Default: one that generates and one that only embeds. */
  readonly models?: readonly FakeGeminiModel[];
  /** Models on one page of the list. Default 50. */
  readonly pageSize?: number;
}

export interface FakeGeminiModel {
  readonly name: string;
  readonly displayName: string;
  readonly methods: readonly string[];
}

const defaultModels: readonly FakeGeminiModel[] = [
  { name: 'gemini-fake', displayName: 'Gemini Fake', methods: ['generateContent', 'countTokens'] },
  { name: 'fake-embedding', displayName: 'Fake Embedding', methods: ['embedContent'] },
];

/** Starts a server that speaks Gemini's wire format (v1beta). Stop it in `afterAll`. */
export async function startFakeGemini(options: FakeGeminiOptions): Promise<FakeModelServer> {
  const server = new FakeModelServer(geminiWire(options));
  await server.start(options.port);
  return server;
}

interface WirePart {
  readonly text?: string;
  readonly inlineData?: { readonly mimeType: string; readonly data: string };
}

interface WireBody {
  readonly contents?: readonly { readonly parts?: readonly WirePart[] }[];
  readonly systemInstruction?: { readonly parts?: readonly WirePart[] };
}

function geminiWire({ apiKey, models = defaultModels, pageSize = 50 }: FakeGeminiOptions): FakeWire {
  return {
    normalFinish: 'STOP',
    badKey: {
      kind: 'error',
      status: 400,
      message: 'API key not valid. Please pass a valid API key.',
      reason: 'API_KEY_INVALID',
    },
    isKeyRight: (headers) => headers['x-goog-api-key'] === apiKey,

    readPrompt(url, body) {
      const match = /^\/v1beta\/(?:models\/)?(.+):(generateContent|streamGenerateContent)$/.exec(url.pathname);
      if (match === null) return null;
      const { contents = [], systemInstruction } = (body ?? {}) as WireBody;
      const parts = contents.flatMap((content) => content.parts ?? []);
      return {
        model: match[1] ?? '',
        system: textOf(systemInstruction?.parts ?? []),
        user: textOf(parts),
        images: parts.flatMap(imageOf),
        stream: match[2] === 'streamGenerateContent',
      };
    },

    otherBody(url) {
      if (url.pathname !== '/v1beta/models') return null;
      const start = Number(url.searchParams.get('pageToken') ?? 0);
      const end = start + pageSize;
      return {
        models: models.slice(start, end).map(({ name, displayName, methods }) => ({
          name: `models/${name}`,
          displayName,
          supportedGenerationMethods: methods,
        })),
        ...(end < models.length ? { nextPageToken: String(end) } : {}),
      };
    },

    textEvent: (prompt, text, isThought) => ({
      candidates: [
        { content: { parts: [{ text, ...(isThought ? { thought: true } : {}) }], role: 'model' }, index: 0 },
      ],
      modelVersion: prompt.model,
      responseId: 'fake',
    }),

    endEvents: (prompt, finishReason, usage) => [
      {
        candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, ...finish(finishReason), index: 0 }],
        ...usageMetadata(usage),
        modelVersion: prompt.model,
        responseId: 'fake',
      },
    ],

    blockedEvents: (prompt, reason = 'SAFETY') => [
      {
        promptFeedback: { blockReason: reason },
        usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 },
        modelVersion: prompt.model,
      },
    ],

    document: (prompt, text, finishReason, usage) => ({
      candidates: [{ content: { parts: [{ text }], role: 'model' }, ...finish(finishReason), index: 0 }],
      ...usageMetadata(usage),
      modelVersion: prompt.model,
    }),

    errorBody,
  };
}

function textOf(parts: readonly WirePart[]): string {
  return parts.map(({ text }) => text ?? '').join('');
}

function imageOf({ inlineData }: WirePart): FakeImage[] {
  return inlineData === undefined ? [] : [readFakeImage(inlineData.mimeType, inlineData.data)];
}

function finish(finishReason: string | null): object {
  return finishReason === null ? {} : { finishReason };
}

function usageMetadata(usage: FakeUsage | null): object {
  if (usage === null) return {};
  const { inputTokens, outputTokens, thinkingTokens } = usage;
  return {
    usageMetadata: {
      promptTokenCount: inputTokens,
      candidatesTokenCount: outputTokens,
      ...(thinkingTokens === undefined ? {} : { thoughtsTokenCount: thinkingTokens }),
      totalTokenCount: inputTokens + outputTokens + (thinkingTokens ?? 0),
    },
  };
}

const statusNames: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

function errorBody({ status, message = 'The fake failed as scripted.', reason, retryDelay }: FakeErrorStep): unknown {
  const details = [
    ...(reason === undefined
      ? []
      : [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }]),
    ...(retryDelay === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }]),
  ];
  return {
    error: {
      code: status,
      message,
      status: statusNames[status] ?? 'UNKNOWN',
      ...(details.length === 0 ? {} : { details }),
    },
  };
}
