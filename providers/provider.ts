import { defaultModelWaits, type ModelWaits } from '../core/limits.ts';
import type { JsonRules } from '../core/interface/json-rules.ts';
import type {
  ImageRequest,
  MediaModels,
  ModelFile,
  SpeechRequest,
  TranscriptRequest,
  VideoRequest,
  VideoState,
} from '../core/node-type/media-models.ts';
import type { ModelCallOptions } from '../core/node-type/call-limits.ts';
import type { ReasoningEffort } from '../core/node-type/executor.ts';
import type { ModelTask } from '../core/node-type/model-tasks.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';

/** An image as it goes over the wire, already within the provider's `imageLimits`. */
export interface InlineImage {
  readonly mimeType: string;
  readonly base64: string;
}

/** Any other file as it goes over the wire: a text as it is, all else as base64. */
export type InlineFile =
  { readonly mimeType: string; readonly text: string } | { readonly mimeType: string; readonly base64: string };

/** What is too large for a request, and goes to the provider before it. */
export interface LargeFile {
  readonly mimeType: string;
  /** Its path. */
  readonly path: string;
}

/** What a model is asked. */
export interface ProviderRequest {
  /** The provider's own name of the model, without a `<provider>/` prefix. */
  readonly model: string;
  readonly systemPrompt?: string;
  readonly userMessage: string;
  /** In the order of the node's edges. */
  readonly images: readonly InlineImage[];
  /** In the order of the node’s edges, after the images. Default: none. */
  readonly files?: readonly (InlineFile | LargeFile)[];
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly reasoningEffort?: ReasoningEffort;
  /** See `ModelRequest`. */
  readonly answerSchema?: JsonRules;
  /** The same for every attempt of one node execution; sent as the header `Idempotency-Key`. */
  readonly idempotencyKey: string;
}

/** What a model answered, whole. */
export interface ProviderAnswer {
  readonly text: string;
  /** Null where the provider does not say. */
  readonly usage: ModelUsage | null;
  /** The model that answered, as the provider names it. */
  readonly model: string;
}

type MediaResult<Key extends keyof MediaModels> = Promise<Omit<Awaited<ReturnType<MediaModels[Key]>>, 'provider'>>;

/** What videos are asked for of one provider; see `MediaModels`. */
export interface VideoMaker {
  /** Whether requests with one idempotency key make one video, however often they are sent. */
  readonly isRepeatable: boolean;
  /** Seconds of a video whose length nobody asked for; null: not known. */
  readonly defaultSeconds: (model: string) => number | null;
  /** Gives the provider's own name of the job. */
  start(request: VideoRequest, options: ModelCallOptions): Promise<string>;
  ask(job: ProviderJob, options: { signal: AbortSignal }): Promise<VideoState>;
  fetch(job: ProviderJob, options: { folder: string; signal: AbortSignal }): Promise<ModelFile>;
  cancel(job: ProviderJob, options: { signal: AbortSignal }): Promise<void>;
}

/** A job at a provider: all that is needed to ask for it, by any process, later. */
export interface ProviderJob {
  readonly id: string;
  readonly model: string;
}

/** A model that can be picked. */
export interface ProviderModel {
  readonly id: string;
  readonly title: string;
  /** What it is for, where the provider says so. */
  readonly makes?: readonly ModelTask[];
}

/** What a provider takes in one request; images are scaled down to it before they are sent. */
export interface ImageLimits {
  /** Pixels of the longer side. */
  readonly maxSide: number;
  /** Bytes of one image, before base64. */
  readonly maxBytes: number;
  /** Bytes of all images of a request together, before base64. */
  readonly maxTotalBytes: number;
  readonly maxCount: number;
}

/** Bounds of one call to a provider. */
export interface CallLimits extends ModelWaits {
  /** Milliseconds for one reading of the provider's list of models. */
  readonly listMs: number;
  /** Bytes (UTF-8) of the longest answer that is kept. */
  readonly maxOutputBytes: number;
  /** Milliseconds that a whole answer waits for what may still come. Default: see guardCall. */
  readonly lingerMs?: number;
}

/** What a call gets where the operator sets nothing. */
export const defaultCallLimits: CallLimits = {
  ...defaultModelWaits,
  // A list is one small document; a model picker should not wait longer than a person does.
  listMs: 10_000,
  // The size up to which a node's output is stored in its row.
  maxOutputBytes: 256 * 1024,
};

/** One source of models. The adapters behind it are the only code that knows a provider's wire format. */
export interface ModelProvider {
  /** Prefix in `<provider>/<model>`. */
  readonly id: string;
  readonly title: string;
  /** The environment variable that configures it. */
  readonly variable: string;
  /** What to do about a provider that is not configured, as a sentence for the user. */
  readonly setupAdvice: string;
  readonly configured: boolean;
  /** Names the key that it is called with; default: its id, for that of the installation. */
  readonly keyName?: string;
  /** Models named by the configuration, shown even where the provider's own list cannot be read. */
  readonly configuredModels: readonly string[];
  readonly imageLimits: ImageLimits;
  /** Bytes of one file that it takes beside a request; default: none, and it gets no `LargeFile`. */
  readonly maxStoredBytes?: number;
  /** Whether a model written without a prefix belongs here. The first provider that claims a name gets it. */
  claims(model: string): boolean;
  /** The provider's own list. Throws PROVIDER_* errors, or the signal's reason. */
  listModels(options: { signal: AbortSignal }): Promise<readonly ProviderModel[]>;
  /**
   * Asks a model and streams its answer; `onDelta` gets each piece of text in order.
   * Throws PROVIDER_* errors and NODE_OUTPUT_TOO_LARGE, or the reason of an
   * aborted signal; in every case the connection is closed by then. Never
   * tries again by itself.
   */
  generate(
    request: ProviderRequest,
    options: ModelCallOptions & { readonly onDelta: (text: string) => void },
  ): Promise<ProviderAnswer>;
  /** As in `MediaModels`, where the provider has models for it; never tries again by itself. */
  generateImages?(request: ImageRequest, options: ModelCallOptions): MediaResult<'generateImages'>;
  speak?(request: SpeechRequest, options: ModelCallOptions): MediaResult<'speak'>;
  transcribe?(request: TranscriptRequest, options: ModelCallOptions): MediaResult<'transcribe'>;
  readonly videos?: VideoMaker;
}
