import type { WireMemory } from './adaptions.ts';
import type { SettingNames } from './errors.ts';
import type { CallLimits } from './provider.ts';

/** What every adapter of a provider is told, whosever models they are. */
export interface AdapterOptions {
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
  /** Waits between two questions about something that is not ready yet. Default: for real. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}
