import type { IncomingHttpHeaders } from 'node:http';

/** How a fake provider treats one request for text. Steps are plain data, but for `beforeChunk`. */
export type FakeStep =
  | {
      readonly kind: 'answer';
      /** Default: a deterministic answer made of the request. */
      readonly chunks?: readonly string[];
      /** Pieces of thinking sent before the answer. */
      readonly thoughts?: readonly string[];
      /** Default: the provider's word for a normal end; null leaves it out. */
      readonly finishReason?: string | null;
      /** Default: made of the lengths; null leaves it out. */
      readonly usage?: FakeUsage | null;
      readonly headers?: Readonly<Record<string, string>>;
      /** Milliseconds before each piece. Default 0. */
      readonly chunkDelayMs?: number;
      /** Awaited before each piece of the answer; for tests in the same process. */
      readonly beforeChunk?: (index: number) => Promise<void> | void;
    }
  /** Sends the chunks, then nothing more until the client closes the connection. No chunks: not even headers. */
  | { readonly kind: 'hang'; readonly chunks?: readonly string[] }
  /** Sends the chunks, then destroys the connection. No chunks: before any header. */
  | { readonly kind: 'cut'; readonly chunks?: readonly string[] }
  /** The same chunk again and again until the client closes the connection. */
  | { readonly kind: 'endless'; readonly chunk: string; readonly asThought?: boolean }
  | FakeErrorStep
  /** Gemini: promptFeedback without candidates; OpenAI: an end by content filter. */
  | { readonly kind: 'blocked'; readonly reason?: string }
  /** Events as they are: text is sent unchanged, anything else as JSON. */
  | { readonly kind: 'events'; readonly events: readonly unknown[] }
  /** A body as it is. */
  | { readonly kind: 'raw'; readonly status?: number; readonly contentType?: string; readonly body: string };

export interface FakeErrorStep {
  readonly kind: 'error';
  readonly status: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gemini: google.rpc.RetryInfo, e.g. `54s`. */
  readonly retryDelay?: string;
  /** Gemini: google.rpc.ErrorInfo; OpenAI: `error.code`. */
  readonly reason?: string;
  /** OpenAI: `error.param`. */
  readonly param?: string;
}

export interface FakeUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly thinkingTokens?: number;
}

export interface FakeImage {
  readonly mimeType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly base64: string;
}

/** What a request for text asks for, whatever the wire format. */
export interface FakePrompt {
  readonly model: string;
  readonly system: string;
  readonly user: string;
  readonly images: readonly FakeImage[];
  readonly stream: boolean;
}

/** One recorded request; `endedBy` changes while it is served. */
export interface FakeCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly keyWasRight: boolean;
  readonly idempotencyKey: string | null;
  readonly body: unknown;
  /** Null for a request that is not for text, such as the list of models. */
  readonly prompt: FakePrompt | null;
  /**
   * Null while it is served; `server` when the answer was sent whole or broken
   * off on purpose, `client` when the client closed the connection before that.
   */
  endedBy: null | 'server' | 'client';
}

/** What a wire format looks like. */
export interface FakeWire {
  readonly normalFinish: string;
  isKeyRight(headers: IncomingHttpHeaders): boolean;
  /** Null where the path is not one for text. */
  readPrompt(url: URL, body: unknown): FakePrompt | null;
  /** The answer to a path that is not one for text; null is 404. */
  otherBody(url: URL): unknown;
  textEvent(prompt: FakePrompt, text: string, isThought: boolean): unknown;
  /** The last events of an answer. */
  endEvents(prompt: FakePrompt, finishReason: string | null, usage: FakeUsage | null): readonly unknown[];
  blockedEvents(prompt: FakePrompt, reason: string | undefined): readonly unknown[];
  /** The whole answer as one document, for requests without streaming. */
  document(prompt: FakePrompt, text: string, finishReason: string | null, usage: FakeUsage | null): unknown;
  errorBody(error: FakeErrorStep): unknown;
  readonly badKey: FakeErrorStep;
}
