import type { ModelCallOptions } from './call-limits.ts';
import type { ModelUsage } from './model-usage.ts';

/** A local file, and what it is. */
export interface ModelFile {
  readonly file: string;
  readonly mimeType: string;
}

interface MediaRequest {
  /** As written in the node: `gemini-…`, or `<provider>/<model>` to name the provider. */
  readonly model: string;
  /** The same for every attempt of one node execution; sent to the provider where it takes one. */
  readonly idempotencyKey: string;
}

/** Shapes of pictures, as width to height. */
export const aspects = ['auto', '1:1', '16:9', '9:16', '4:3', '3:4', '3:2', '2:3', '21:9'] as const;
export type Aspect = (typeof aspects)[number];

/** What pictures are asked for by. Fields left out get the provider's own defaults. */
export interface ImageRequest extends MediaRequest {
  readonly prompt: string;
  /** Images to go by or to change, in order. */
  readonly images: readonly ModelFile[];
  /** Transparent where the first image is to change; as large as that. */
  readonly mask?: ModelFile;
  /** Default: `auto`. */
  readonly aspect?: Aspect;
  /** `1K`, `2K` or `4K`, or `<width>x<height>` in pixels. Goes before the aspect where it says one. */
  readonly size?: string;
  readonly count: number;
  readonly seed?: number;
  /** An existing folder that the results are written into. */
  readonly folder: string;
}

/** Text that is to be spoken. */
export interface SpeechRequest extends MediaRequest {
  readonly text: string;
  /** By the provider's own name. Default: one of the provider's. */
  readonly voice?: string;
  /** How it is to be spoken, in words. */
  readonly instructions?: string;
  /** 1 is as it is. */
  readonly speed?: number;
  /** What is wished for; what comes may be another, and says so. */
  readonly format: 'mp3' | 'aac' | 'opus' | 'flac' | 'wav';
  /** An existing folder that the result is written into. */
  readonly folder: string;
}

/** Sound that is to be written down. */
export interface TranscriptRequest extends MediaRequest {
  readonly audio: ModelFile;
  /** ISO 639-1, such as `de`. Default: found out by the model. */
  readonly language?: string;
  /** Names and words that occur in it. */
  readonly hint?: string;
}

/** Part of a transcript, in seconds from the start. */
export interface TranscriptSegment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What a video is asked for by. Fields left out get the provider's own defaults. */
export interface VideoRequest extends MediaRequest {
  readonly prompt: string;
  readonly negativePrompt?: string;
  /** The picture that it begins with, and the one that it ends with. */
  readonly firstFrame?: ModelFile;
  readonly lastFrame?: ModelFile;
  /** What occurs in it, in order. */
  readonly references: readonly ModelFile[];
  readonly aspect?: '16:9' | '9:16' | '1:1';
  /** `720p`, `1080p` or `4k`, or `<width>x<height>` in pixels. Goes before the aspect where it says one. */
  readonly size?: string;
  readonly seconds?: number;
  readonly seed?: number;
}

/** A video that a provider is making, by its own name of it. Plain data: it is stored. */
export interface VideoJob {
  readonly provider: string;
  readonly model: string;
  readonly id: string;
  /** What was asked for, which is what it costs by; null where the provider chooses. */
  readonly seconds: number | null;
}

/** How such a job stands. `gone`: it failed, was withheld, or is not known to the provider any more; `error` says which. */
export type VideoState =
  | { readonly kind: 'under-way'; readonly percent: number | null }
  | { readonly kind: 'done' }
  | { readonly kind: 'gone'; readonly error: Error };

/** Who made something, and what it took. */
export interface MediaFacts {
  readonly model: string;
  readonly provider: string;
  /** Null where the provider does not say. */
  readonly usage: ModelUsage | null;
}

/** Models that make or hear something else than text. Each throws PROVIDER_* errors, or the signal's reason. */
export interface MediaModels {
  /** Writes at most `count` images into the folder; at least one. */
  generateImages(
    request: ImageRequest,
    options: ModelCallOptions,
  ): Promise<MediaFacts & { readonly files: readonly ModelFile[] }>;
  speak(request: SpeechRequest, options: ModelCallOptions): Promise<MediaFacts & { readonly sound: ModelFile }>;
  /** `segments` is null where the model gives no times. */
  transcribe(
    request: TranscriptRequest,
    options: ModelCallOptions,
  ): Promise<MediaFacts & { readonly text: string; readonly segments: readonly TranscriptSegment[] | null }>;
  /** Hands a video in. Nothing of it is made twice where this throws a refusal; where it breaks off, nobody knows. */
  startVideo(request: VideoRequest, options: ModelCallOptions): Promise<VideoJob>;
  askForVideo(job: VideoJob, options: { signal: AbortSignal }): Promise<VideoState>;
  /** Writes what was made into the folder, while the provider has it. */
  fetchVideo(
    job: VideoJob,
    options: { folder: string; signal: AbortSignal },
  ): Promise<MediaFacts & { readonly video: ModelFile }>;
  /** Tells the provider to stop, where it can be told. */
  cancelVideo(job: VideoJob, options: { signal: AbortSignal }): Promise<void>;
}
