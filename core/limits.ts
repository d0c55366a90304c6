/*
 * The limits of what nodes, uploads and downloads may cost. config/limits.ts
 * says which of them an operator sets; GET /api/limits shows them all.
 */

/**
 * What a file may cost. Anything beyond is refused before it is
 * decoded; every figure can be set by the operator.
 */
export interface MediaLimits {
  /** Default 25 MB: the largest photo a phone or camera saves, with room. */
  readonly maxImageBytes: number;
  /** Default 500 MB: half an hour of 1080p at 2 Mbit/s. */
  readonly maxVideoBytes: number;
  /** Pixels of one frame. Default 50 million: 200 MB decoded, and above every common camera. */
  readonly maxImagePixels: number;
  /** Pixels of all frames of an animation. Default 200 million. */
  readonly maxAnimationPixels: number;
  /** The longer side in pixels. Default 16,384: what WebP and most decoders stop at. */
  readonly maxImageSide: number;
  /** Default 30 minutes. */
  readonly maxVideoMs: number;
  /** The longer side in pixels. Default 4,096: DCI 4K. */
  readonly maxVideoSide: number;
  /** Frames a second, counted where the file has a count and never by what it says. Default 240: slow motion of phones. */
  readonly maxVideoFps: number;
  /** Default 200 MB: three hours of MP3, twenty minutes of WAV. */
  readonly maxAudioBytes: number;
  /** Default 4 hours. */
  readonly maxAudioMs: number;
  /** Documents: PDF, CSV, JSON, subtitles, text. Default 25 MB. */
  readonly maxFileBytes: number;
  /** Video, audio, subtitle and data streams together. Default 256: one is looked at, the others cost their headers. */
  readonly maxVideoStreams: number;
}

/** In force where the operator sets nothing else. */
export const defaultMediaLimits: MediaLimits = {
  maxImageBytes: 25 * 1_048_576,
  maxVideoBytes: 500 * 1_048_576,
  maxImagePixels: 50_000_000,
  maxAnimationPixels: 200_000_000,
  maxImageSide: 16_384,
  maxVideoMs: 30 * 60_000,
  maxVideoSide: 4_096,
  maxVideoFps: 240,
  maxAudioBytes: 200 * 1_048_576,
  maxAudioMs: 4 * 3_600_000,
  maxFileBytes: 25 * 1_048_576,
  maxVideoStreams: 256,
};

/** What a download from an address that a user gives may take. */
export interface FetchLimits {
  /** Until the connection (with TLS) stands, in ms. Default 5,000. */
  readonly connectTimeoutMs: number;
  /** From the request to the answer's headers, in ms. Default 15,000. */
  readonly headersTimeoutMs: number;
  /** Longest silence within the body, in ms. Default 15,000. */
  readonly idleTimeoutMs: number;
  /** All redirects and the body together, in ms. Default 120,000. */
  readonly totalTimeoutMs: number;
  /** Redirects that are followed. Default 3. */
  readonly maxRedirects: number;
}

/** What reliability asks of a download: long enough for 500 MB on a slow line, short enough to free a worker's slot. */
export const defaultFetchLimits: FetchLimits = {
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 15_000,
  idleTimeoutMs: 15_000,
  totalTimeoutMs: 120_000,
  maxRedirects: 3,
};

/** How long a model provider is waited for. */
export interface ModelWaits {
  /** Milliseconds of silence before the first piece of the answer; signs of life make it begin anew. */
  readonly firstByteMs: number;
  /** Milliseconds until the whole answer. */
  readonly totalMs: number;
}

/** In force where the operator sets nothing else. */
export const defaultModelWaits: ModelWaits = {
  // A thinking model may be silent for minutes, and a local one has to load its weights first.
  firstByteMs: 300_000,
  // A long answer of a large model on a small machine; a little less than a node may take, so that the reason is told.
  totalMs: 540_000,
};

/** What one user may keep. */
export interface StorageQuota {
  readonly maxBytes: number;
  readonly maxFiles: number;
}

/** 10 GB in 10,000 files: years of ordinary use, and a hundred users on a common disk. */
export const defaultStorageQuota: StorageQuota = { maxBytes: 10 * 1_073_741_824, maxFiles: 10_000 };

/** What one user may keep in the database: workflows, their versions, and what finished runs keep. */
export interface DataQuota {
  readonly maxBytes: number;
  readonly maxWorkflows: number;
}

/** 2 GB in 1,000 workflows: tens of thousands of ordinary runs, and many users on a common disk. */
export const defaultDataQuota: DataQuota = { maxBytes: 2 * 1_073_741_824, maxWorkflows: 1_000 };

/** Room that is left on the disk of the data folder: enough for Postgres to go on with what is under way. */
export const defaultMinFreeDiskBytes = 268_435_456;

/** How much one run may come to by going through lists. */
export interface RegionLimits {
  /** Elements that one list, or the combinations of several, may have where nodes are executed once for each. */
  readonly maxElements: number;
  /** Node executions of all regions of a run together. */
  readonly maxExecutions: number;
}

/** 10,000 elements are a catalog of products; 50,000 executions keep a worker of 64 places busy for an hour at 5 s each. */
export const defaultRegionLimits: RegionLimits = { maxElements: 10_000, maxExecutions: 50_000 };

/** JSON of all results of a called workflow, lists that lie in files apart. */
export const maxCallResultBytes = 4 * 1_048_576;

/** JSON of one node's output: lists that make it larger lie in files, and anything else is refused. */
export const maxNodeOutputBytes = 256 * 1024;

/** JSON of one list that lies in a file: 10,000 texts of a page and a half each. Whoever takes it whole has it in memory. */
export const maxStoredListBytes = 64 * 1_048_576;

/** A browser that has signed in is known for a year, by which browsers themselves have forgotten it. In milliseconds. */
export const knownBrowserAgeMs = 365 * 24 * 60 * 60_000;
