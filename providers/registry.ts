import type { ModelProviderInfo } from '../core/api/llm.ts';
import { modelUsageSchema } from '../core/api/runs.ts';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import type { ModelCallOptions } from '../core/node-type/call-limits.ts';
import type { ModelTools } from '../core/node-type/executor.ts';
import type { VideoJob } from '../core/node-type/media-models.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import { fitImages, type FitImage } from './fit-images.ts';
import { readFiles } from './read-files.ts';
import { costOf, costOfImages, costOfVideo, type ModelPrices } from './prices.ts';
import { knownOfModel, ModelLists } from './model-lists.ts';
import type { ImageLimits, ModelProvider, VideoMaker } from './provider.ts';
import { notConfiguredError, resolveModel } from './resolve-model.ts';

/** Which providers there are, and what goes for all of them. */
export interface ModelRegistryOptions {
  /** In the order in which they are asked whether a model without a prefix is theirs. */
  readonly providers: readonly ModelProvider[];
  readonly fitImage: FitImage;
  /** Tighter limits for images than the providers' own. Default: the providers' own. */
  readonly limits?: Partial<ImageLimits>;
  /** Prices that go before the known list prices. Default: none. */
  readonly prices?: ModelPrices;
  /** An existing folder for scaled copies of images, e.g. the system's temporary folder. */
  readonly tempDir: string;
  /** The time of day in milliseconds. */
  readonly now: () => number;
}

/** The models of all providers, by names such as `gemini/gemini-2.5-flash`. */
export interface ModelRegistry extends ModelTools {
  /**
   * Every provider, configured or not, with its models; see ModelLists. Failures are shown, not thrown.
   * `refresh` asks the providers again instead of using lists that are a few minutes old.
   */
  listProviders(options?: { readonly refresh?: boolean }): Promise<ModelProviderInfo[]>;
  /** What is known of a model that stands in no list of its provider. */
  knownOf(model: { readonly provider: string; readonly model: string }): ReturnType<typeof knownOfModel>;
  /** Ends readings of model lists. Calls of `generate` are ended by their own signals. */
  stop(): Promise<void>;
}

/** All providers behind the one door that executors and the API use. */
export function createModelRegistry(options: ModelRegistryOptions): ModelRegistry {
  const { providers, fitImage, tempDir } = options;
  const prices = options.prices ?? {};
  const lists = new ModelLists({ providers, prices, now: options.now });
  const priced = (provider: string, model: string, usage: ModelUsage): number | null =>
    costOf({ provider, model, usage }, prices);

  /** One call of a provider that makes or hears something, with what it costs. */
  async function make<Request extends { readonly model: string }, Result extends { readonly usage: ModelUsage | null }>(
    request: Request,
    callOptions: ModelCallOptions,
    what: {
      readonly noun: string;
      of(provider: ModelProvider): ((request: Request, options: ModelCallOptions) => Promise<Result>) | undefined;
      /** What a result costs, in US dollars. Default: what its usage does. */
      costOf?(provider: string, model: string, result: Result): number | null;
    },
  ): Promise<Result & { readonly provider: string }> {
    callOptions.signal.throwIfAborted();
    const resolved = resolveModel(providers, request.model);
    const { provider, model } = resolved;
    if (!provider.configured) throw notConfiguredError(resolved);
    const call = what.of(provider);
    if (call === undefined) {
      throw new TerminalError(
        'PROVIDER_BAD_REQUEST',
        `${provider.title} has no models for ${what.noun}. Choose a model of another provider.`,
        { details: { provider: provider.id, model } },
      );
    }
    const result = await call({ ...request, model }, callOptions).catch((error: unknown) => {
      throw withCost(error, (usage) => priced(provider.id, model, usage));
    });
    const costUsd =
      what.costOf?.(provider.id, model, result) ??
      (result.usage === null ? null : priced(provider.id, model, result.usage));
    const usage = costUsd === null ? result.usage : { inputTokens: 0, outputTokens: 0, ...result.usage, costUsd };
    return { ...result, usage, provider: provider.id };
  }

  function videosOf(written: string): { provider: string; model: string; videos: VideoMaker } {
    const resolved = resolveModel(providers, written);
    const { provider, model } = resolved;
    if (!provider.configured) throw notConfiguredError(resolved);
    const { id, videos } = provider;
    if (videos !== undefined) return { provider: id, model, videos };
    throw new TerminalError(
      'PROVIDER_BAD_REQUEST',
      `${provider.title} has no models for videos. Choose a model of another provider.`,
      { details: { provider: id, model } },
    );
  }

  return {
    lookUp: async ({ model: written, seconds, count }) => {
      const resolved = resolveModel(providers, written);
      const { provider, model } = resolved;
      if (!provider.configured) throw notConfiguredError(resolved);
      const { id, title, keyName = id, videos } = provider;
      const length = seconds ?? videos?.defaultSeconds(model) ?? null;
      const listedUsd =
        costOfVideo({ provider: id, model, seconds: length }, prices) ??
        (count === undefined ? null : costOfImages({ provider: id, model, count, usage: null }, prices));
      return {
        ...{ provider: id, title, model, key: keyName, listedUsd },
        isRepeatable: videos?.isRepeatable ?? false,
      };
    },
    generateImages: (request, callOptions) =>
      make(request, callOptions, {
        noun: 'images',
        of: ({ generateImages }) => generateImages,
        costOf: (provider, model, { files, usage }) =>
          costOfImages({ provider, model, count: files.length, usage }, prices),
      }),
    speak: (request, callOptions) => make(request, callOptions, { noun: 'speech', of: ({ speak }) => speak }),
    transcribe: (request, callOptions) =>
      make(request, callOptions, { noun: 'transcripts', of: ({ transcribe }) => transcribe }),
    startVideo: async (request, callOptions) => {
      const { provider, model, videos } = videosOf(request.model);
      const id = await videos.start({ ...request, model }, callOptions);
      return { provider, model, id, seconds: request.seconds ?? videos.defaultSeconds(model) };
    },
    askForVideo: (job, { signal }) => videosOf(nameOf(job)).videos.ask(job, { signal }),
    fetchVideo: async (job, { folder, signal }) => {
      const { provider, model } = job;
      const video = await videosOf(nameOf(job)).videos.fetch(job, { folder, signal });
      const costUsd = costOfVideo(job, prices);
      return { provider, model, video, usage: costUsd === null ? null : { inputTokens: 0, outputTokens: 0, costUsd } };
    },
    cancelVideo: (job, { signal }) => videosOf(nameOf(job)).videos.cancel(job, { signal }),
    knownOf: (model) => knownOfModel(model, prices),
    listProviders: (listOptions) => lists.list(listOptions),
    stop: () => lists.stop(),
    async generate(request, callOptions) {
      const { signal } = callOptions;
      signal.throwIfAborted();
      const resolved = resolveModel(providers, request.model);
      const { provider, model } = resolved;
      if (!provider.configured) throw notConfiguredError(resolved);
      const images = await fitImages(request.images, {
        fitImage,
        tempDir,
        limits: tighter(provider.imageLimits, options.limits),
        title: provider.title,
        signal,
      });
      const files = await readFiles(request.files ?? [], {
        // Base64 of both together has to fit into one request.
        maxBytes:
          provider.imageLimits.maxTotalBytes - images.reduce((sum, { base64 }) => sum + base64.length * 0.75, 0),
        maxStoredBytes: provider.maxStoredBytes ?? 0,
        title: provider.title,
        signal,
      });
      const priceOf = (usage: ModelUsage): number | null => costOf({ provider: provider.id, model, usage }, prices);
      const answer = await provider
        .generate({ ...request, model, images, files }, callOptions)
        .catch((error: unknown) => {
          throw withCost(error, priceOf);
        });
      const { usage } = answer;
      const costUsd = usage === null ? null : priceOf(usage);
      return {
        ...answer,
        usage: usage === null || costUsd === null ? usage : { ...usage, costUsd },
        provider: provider.id,
      };
    },
  };
}

const nameOf = ({ provider, model }: VideoJob): string => `${provider}/${model}`;

/** An error that names what the call has used, with what that costs. */
function withCost(error: unknown, priceOf: (usage: ModelUsage) => number | null): unknown {
  if (!(error instanceof TerminalError || error instanceof RetryableError)) return error;
  const usage = modelUsageSchema.safeParse(error.details['usage']).data;
  const costUsd = usage === undefined ? null : priceOf(usage);
  if (usage === undefined || costUsd === null) return error;
  const options = { details: { ...error.details, usage: { ...usage, costUsd } }, cause: error };
  return error instanceof RetryableError
    ? new RetryableError(error.code, error.message, { ...options, retryAfterMs: error.retryAfterMs })
    : new TerminalError(error.code, error.message, options);
}

function tighter(own: ImageLimits, given: Partial<ImageLimits> = {}): ImageLimits {
  return {
    maxSide: Math.min(own.maxSide, given.maxSide ?? Infinity),
    maxBytes: Math.min(own.maxBytes, given.maxBytes ?? Infinity),
    maxTotalBytes: Math.min(own.maxTotalBytes, given.maxTotalBytes ?? Infinity),
    maxCount: Math.min(own.maxCount, given.maxCount ?? Infinity),
  };
}
