import type { z } from 'zod';
import type { FileType } from '../data-types/table.ts';
import type { JsonRules } from '../interface/json-rules.ts';
import type { ModelCallOptions } from './call-limits.ts';
import type { MediaModels } from './media-models.ts';
import type { MediaTools } from './media-tools.ts';
import type { ModelUsage } from './model-usage.ts';
import type { NodeDefinition } from './definition.ts';
import type { AttemptJobs, JobHandle, JobProgress } from './provider-job.ts';
import type { Suspension } from './suspension.ts';
import type { AssetReference, NodeInputs, NodeOutputs } from './values.ts';
import type { WebTools } from './web-tools.ts';

/** The log of one attempt: constant message text, data as fields. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Files as an attempt sees them. Everything under `workDir` is removed when the attempt ends. */
export interface AttemptAssets {
  /** A private, empty folder of this attempt. */
  readonly workDir: string;
  /** The reference of an asset that the run's owner may read. Throws ASSET_NOT_FOUND. */
  find(assetId: string): Promise<AssetReference>;
  /** A local file with the asset's bytes, to be read only, valid until the attempt ends. */
  localFile(asset: AssetReference): Promise<string>;
  /** Moves a finished file into the store. The content is sniffed and probed; it must be of `kind`. */
  save(file: string, options: { name: string; kind: FileType }): Promise<AssetReference>;
  /**
   * Streams what comes from outside into the store, looked at as an upload is. Where `kind` is named it must be of
   * that. Throws FILE_*, UNSUPPORTED_MEDIA, STORAGE_FULL, and what the source throws.
   */
  take(
    source: AsyncIterable<Uint8Array>,
    options: { name: string; kind?: FileType; signal: AbortSignal },
  ): Promise<AssetReference>;
  /**
   * Turns what a user or an upstream node named into an asset: an asset's `url`
   * path, an http(s) URL (through the guarded fetcher) or a data URL.
   */
  resolve(source: string, options: { kind: FileType; signal: AbortSignal }): Promise<AssetReference>;
}

/** How long a model may think before it answers. */
export const reasoningEfforts = ['none', 'minimal', 'low', 'medium', 'high'] as const;
/** How much a model is to think before it answers. */
export type ReasoningEffort = (typeof reasoningEfforts)[number];

/** One question to a model. Fields left out get the provider's own defaults. */
export interface ModelRequest {
  /** As written in the node: `gemini-…`, or `<provider>/<model>` to name the provider. */
  readonly model: string;
  readonly systemPrompt?: string;
  readonly userMessage: string;
  /** Local image files, in order. */
  readonly images: readonly { readonly file: string; readonly mimeType: string }[];
  /** Local audio, video and document files, in order, after the images. Default: none. */
  readonly files?: readonly { readonly file: string; readonly mimeType: string }[];
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  /** Texts that end the answer, which does not hold them. */
  readonly stop?: readonly string[];
  /** For answers that can be had again, where the model keeps to it. */
  readonly seed?: number;
  readonly reasoningEffort?: ReasoningEffort;
  /** The answer is to be JSON of this schema: asked for in the provider's own way, else in words. It is not checked here. */
  readonly answerSchema?: JsonRules;
  /** The same for every attempt of one node execution; sent to the provider where it takes one. */
  readonly idempotencyKey: string;
}

/** The whole answer; `model` and `provider` name those that gave it. */
export interface ModelResult {
  readonly text: string;
  /** Null where the provider does not say. */
  readonly usage: ModelUsage | null;
  readonly model: string;
  readonly provider: string;
}

/** Who answers for a model. */
export interface ModelFacts {
  readonly provider: string;
  readonly title: string;
  /** As the provider names it. */
  readonly model: string;
  /** Names the key that it is called with, and does not hold it: what has one key has one limit at its provider. */
  readonly key: string;
  /** What the request costs by its list price, in US dollars; null where that shows afterwards. */
  readonly listedUsd: number | null;
  /** Whether a job that is handed in again under the same idempotency key is the same job, and paid once. */
  readonly isRepeatable: boolean;
}

/** Models behind one door; which provider answers follows from the model's name and the configuration. */
export interface ModelTools extends MediaModels {
  /** Who would be asked, without asking. Throws PROVIDER_NOT_CONFIGURED and PROVIDER_MODEL_NOT_FOUND. */
  lookUp(request: {
    readonly model: string;
    /** Of a video. */
    readonly seconds?: number;
    /** Of images. */
    readonly count?: number;
  }): Promise<ModelFacts>;
  /** Throws PROVIDER_* errors; `onDelta` gets each piece of text as it arrives. */
  generate(
    request: ModelRequest,
    options: ModelCallOptions & { readonly onDelta: (text: string) => void },
  ): Promise<ModelResult>;
}

/** What an executor knows about its work besides the outputs; kept beside the execution. */
export interface ExecutionFacts {
  readonly usage?: ModelUsage;
  readonly model?: string;
  readonly provider?: string;
}

/**
 * What an executor is given for one attempt; its files are gone when the attempt
 * ends. Throw RetryableError where another attempt may help, TerminalError where
 * it cannot.
 *
 * @example
 * const shoutExecutor = defineExecutor(shoutNode, async ({ config, inputs, signal }) => {
 *   signal.throwIfAborted();
 *   const text = textInput(inputs, 'input') ?? config.text;
 *   return { output: text.toUpperCase() };
 * });
 */
export interface ExecutionContext<Config> {
  readonly config: Config;
  readonly inputs: NodeInputs;
  /** Aborts on cancel, timeout, drain and a lost lease. */
  readonly signal: AbortSignal;
  /** The node execution's id: the same for each attempt of it. */
  readonly idempotencyKey: string;
  readonly logger: Logger;
  readonly assets: AttemptAssets;
  readonly media: MediaTools;
  readonly models: ModelTools;
  readonly web: WebTools;
  /** The job at a provider that this node execution has; for node types with a `JobKeeper`. */
  readonly jobs: AttemptJobs;
  /** Folders of this machine that may be saved to, by the names that the operator gave them. Default: none. */
  readonly saveFolders?: ReadonlyMap<string, string>;
  /** Live progress, 0-100; goes by the notice channel alone and may be dropped. */
  progress(percent: number, message?: string): void;
  /** A piece of streamed text; goes by the notice channel alone. */
  delta(text: string): void;
  /** Facts to keep beside the execution; a later call adds to and overwrites an earlier one. */
  report?(facts: ExecutionFacts): void;
}

/** With what a job is asked about: the tools of the user whose it is. */
export interface JobTools {
  readonly models: ModelTools;
  readonly web: WebTools;
  readonly signal: AbortSignal;
}

/** What a node type that hands work in can do besides its executor. */
export interface JobKeeper {
  /** One short question. What it throws as retryable is asked again later; anything else is for the executor to see. */
  poll(job: JobHandle, tools: JobTools): Promise<JobProgress>;
  /** Tells the provider to stop, where it can be told; nothing where the job is over. */
  cancel(job: JobHandle, tools: JobTools): Promise<void>;
}

/** The work of a node type; made by `defineExecutor`. Resolves to one value per output handle, or to what is waited for. */
export interface NodeExecutor {
  readonly type: string;
  execute(context: ExecutionContext<unknown>): Promise<NodeOutputs | Suspension>;
  /** Of node types whose work is done by a provider in minutes; see `throughJob`. */
  readonly job?: JobKeeper;
}

/**
 * Binds the work of a node type to its definition. The context's config has
 * already been parsed with the definition's schema.
 *
 * @param job for work that a provider does in minutes
 */
export function defineExecutor<Schema extends z.ZodObject>(
  definition: NodeDefinition<Schema>,
  execute: (context: ExecutionContext<z.output<Schema>>) => Promise<NodeOutputs | Suspension>,
  job?: JobKeeper,
): NodeExecutor {
  return {
    type: definition.type,
    execute: (context) => execute(context as ExecutionContext<z.output<Schema>>),
    ...(job !== undefined && { job }),
  };
}
