import { z } from 'zod';
import { defaultGraphLimits, type GraphLimits } from '../core/graph/limits.ts';
import {
  defaultDataQuota,
  defaultFetchLimits,
  defaultMediaLimits,
  defaultMinFreeDiskBytes,
  defaultModelWaits,
  defaultRegionLimits,
  defaultStorageQuota,
  type DataQuota,
  type FetchLimits,
  type MediaLimits,
  type ModelWaits,
  type RegionLimits,
  type StorageQuota,
} from '../core/limits.ts';

const mib = 1_048_576;

const count = (least: number, most: number, standard: number) =>
  z.coerce.number('must be a number').int('must be a whole number').min(least).max(most).default(standard);

/** The limits that an operator sets for servers and workers alike. */
export const limitsShape = {
  GRAPH_MAX_NODES: count(1, 10_000, defaultGraphLimits.maxNodes),
  GRAPH_MAX_EDGES: count(1, 50_000, defaultGraphLimits.maxEdges),
  GRAPH_MAX_CHAIN: count(1, 10_000, defaultGraphLimits.maxChain),
  GRAPH_MAX_FAN_OUT: count(1, 10_000, defaultGraphLimits.maxFanOut),
  IMAGE_MAX_MB: count(1, 1_000, defaultMediaLimits.maxImageBytes / mib),
  IMAGE_MAX_MEGAPIXELS: count(1, 1_000, defaultMediaLimits.maxImagePixels / 1e6),
  VIDEO_MAX_MB: count(1, 100_000, defaultMediaLimits.maxVideoBytes / mib),
  VIDEO_MAX_MINUTES: count(1, 1_440, defaultMediaLimits.maxVideoMs / 60_000),
  AUDIO_MAX_MB: count(1, 100_000, defaultMediaLimits.maxAudioBytes / mib),
  AUDIO_MAX_MINUTES: count(1, 1_440, defaultMediaLimits.maxAudioMs / 60_000),
  FILE_MAX_MB: count(1, 1_000, defaultMediaLimits.maxFileBytes / mib),
  STORAGE_MAX_MB: count(1, 100_000_000, defaultStorageQuota.maxBytes / mib),
  STORAGE_MAX_FILES: count(1, 10_000_000, defaultStorageQuota.maxFiles),
  DATA_MAX_MB: count(1, 100_000_000, defaultDataQuota.maxBytes / mib),
  DATA_MAX_WORKFLOWS: count(1, 10_000_000, defaultDataQuota.maxWorkflows),
  DISK_MIN_FREE_MB: count(0, 100_000_000, defaultMinFreeDiskBytes / mib),
  FETCH_TIMEOUT_MS: count(1_000, 3_600_000, defaultFetchLimits.totalTimeoutMs),
  GEMINI_FIRST_TIMEOUT_MS: count(100, 86_400_000, defaultModelWaits.firstByteMs),
  GEMINI_TIMEOUT_MS: count(100, 86_400_000, defaultModelWaits.totalMs),
  OPENAI_FIRST_TIMEOUT_MS: count(100, 86_400_000, defaultModelWaits.firstByteMs),
  OPENAI_TIMEOUT_MS: count(100, 86_400_000, defaultModelWaits.totalMs),
  LIST_MAX_ELEMENTS: count(1, 1_000_000, defaultRegionLimits.maxElements),
  RUN_MAX_EXECUTIONS: count(1, 10_000_000, defaultRegionLimits.maxExecutions),
  // Enough to keep a person's machine busy, few enough that others find room beside it.
  RUN_ACTIVE_PER_USER: count(1, 100_000, 5),
};

const limitsSchema = z.object(limitsShape);

/** Limits that hold in servers and workers alike. */
export interface InstallationLimits {
  readonly graph: GraphLimits;
  readonly media: MediaLimits;
  readonly storage: StorageQuota;
  readonly data: DataQuota;
  /** Less than this on the disk of the data folder: nothing new is taken. */
  readonly minFreeDiskBytes: number;
  readonly fetch: FetchLimits;
  /** By provider. */
  readonly models: { readonly gemini: ModelWaits; readonly openai: ModelWaits };
  /** Runs of one user that are under way at once; more of them wait for these to end. */
  readonly maxActiveRunsPerUser: number;
  readonly regions: RegionLimits;
}

/** Turns the variables, checked already, into limits in bytes, pixels and milliseconds. */
export function limitsOf(values: z.output<typeof limitsSchema>): InstallationLimits {
  return {
    graph: {
      maxNodes: values.GRAPH_MAX_NODES,
      maxEdges: values.GRAPH_MAX_EDGES,
      maxChain: values.GRAPH_MAX_CHAIN,
      maxFanOut: values.GRAPH_MAX_FAN_OUT,
    },
    media: {
      ...defaultMediaLimits,
      maxImageBytes: values.IMAGE_MAX_MB * mib,
      maxImagePixels: values.IMAGE_MAX_MEGAPIXELS * 1e6,
      maxAnimationPixels: Math.max(defaultMediaLimits.maxAnimationPixels, values.IMAGE_MAX_MEGAPIXELS * 1e6),
      maxVideoBytes: values.VIDEO_MAX_MB * mib,
      maxVideoMs: values.VIDEO_MAX_MINUTES * 60_000,
      maxAudioBytes: values.AUDIO_MAX_MB * mib,
      maxAudioMs: values.AUDIO_MAX_MINUTES * 60_000,
      maxFileBytes: values.FILE_MAX_MB * mib,
    },
    storage: { maxBytes: values.STORAGE_MAX_MB * mib, maxFiles: values.STORAGE_MAX_FILES },
    data: { maxBytes: values.DATA_MAX_MB * mib, maxWorkflows: values.DATA_MAX_WORKFLOWS },
    minFreeDiskBytes: values.DISK_MIN_FREE_MB * mib,
    fetch: { ...defaultFetchLimits, totalTimeoutMs: values.FETCH_TIMEOUT_MS },
    models: {
      gemini: { firstByteMs: values.GEMINI_FIRST_TIMEOUT_MS, totalMs: values.GEMINI_TIMEOUT_MS },
      openai: { firstByteMs: values.OPENAI_FIRST_TIMEOUT_MS, totalMs: values.OPENAI_TIMEOUT_MS },
    },
    maxActiveRunsPerUser: values.RUN_ACTIVE_PER_USER,
    regions: { maxElements: values.LIST_MAX_ELEMENTS, maxExecutions: values.RUN_MAX_EXECUTIONS },
  };
}
