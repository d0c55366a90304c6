import type { ModelWaits } from '../core/limits.ts';
import { WireMemory } from './adaptions.ts';
import { createGeminiProvider } from './gemini.ts';
import { createOpenAiCompatibleProvider } from './openai-compatible.ts';
import { defaultCallLimits, type CallLimits, type ModelProvider } from './provider.ts';

/** The providers' part of a process's configuration, named like its environment variables. */
export interface ProvidersOptions {
  readonly GEMINI_API_KEY?: string;
  readonly GEMINI_BASE_URL?: string;
  /** Names separated by commas. */
  readonly GEMINI_MODELS?: string;
  readonly OPENAI_BASE_URL?: string;
  readonly OPENAI_API_KEY?: string;
  /** Names separated by commas. */
  readonly OPENAI_MODELS?: string;
  /** Whether the server makes one job of requests with one idempotency key. Default false. */
  readonly OPENAI_IDEMPOTENT_JOBS?: boolean;
  /** Default: `defaultCallLimits`. */
  readonly limits?: Partial<CallLimits>;
  /** How long each provider is waited for. Default: as `limits` say. */
  readonly waits?: { readonly gemini: ModelWaits; readonly openai: ModelWaits };
  /** What servers asked for so far. Default: an empty one. */
  readonly memory?: WireMemory;
  /** The time of day in milliseconds. */
  readonly now: () => number;
}

/**
 * All providers in the order in which they are asked whether a model is
 * theirs; those without a key or address are there too, as not configured.
 * Throws PROVIDER_NOT_CONFIGURED for a value that cannot be used.
 */
export function createProviders(options: ProvidersOptions): readonly ModelProvider[] {
  const limits = { ...defaultCallLimits, ...options.limits };
  const { waits, memory = new WireMemory(), now } = options;
  return [
    createGeminiProvider({
      apiKey: options.GEMINI_API_KEY,
      baseUrl: options.GEMINI_BASE_URL,
      models: namesIn(options.GEMINI_MODELS),
      limits: { ...limits, ...waits?.gemini },
      memory,
      now,
    }),
    createOpenAiCompatibleProvider({
      baseUrl: options.OPENAI_BASE_URL,
      apiKey: options.OPENAI_API_KEY,
      models: namesIn(options.OPENAI_MODELS),
      isIdempotent: options.OPENAI_IDEMPOTENT_JOBS,
      limits: { ...limits, ...waits?.openai },
      memory,
      now,
    }),
  ];
}

function namesIn(list: string | undefined): string[] {
  const names = (list ?? '').split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}
