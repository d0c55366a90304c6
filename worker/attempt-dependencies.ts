import type { NodeCatalogue } from '../core/node-type/definition.ts';
import type { StoredLists } from '../assets/stored-lists.ts';
import type { AttemptAssets, Logger, ModelTools, NodeExecutor } from '../core/node-type/executor.ts';
import type { MediaTools } from '../core/node-type/media-tools.ts';
import type { WebTools } from '../core/node-type/web-tools.ts';
import { type Scrubber } from '../core/scrub.ts';
import { type RetryPolicy } from '../core/run/retry.ts';
import type { AttemptJobs } from '../core/node-type/provider-job.ts';
import type { Claim } from '../db/run-sql/result.ts';
import type { Prepared } from './prepare-attempt.ts';
import type { AttemptObserver } from './attempt-observer.ts';
import { type AttemptRegistry } from './attempts.ts';
import type { LiveOutput } from './live-output.ts';
import type { RegionDriver } from './drive-region.ts';
import type { RegionFactsReader } from './region-facts.ts';
import type { Recorder } from './record.ts';
import type { SharedOutputs } from './shared-outputs.ts';
import type { RetrySpacing } from './retry-spacing.ts';
import type { WorkflowVersions } from './versions.ts';
import type { WorkPointListener } from './work-points.ts';

/** What executing attempts needs from the rest of the worker. */
export interface AttemptDependencies {
  readonly catalogue: NodeCatalogue;
  readonly executors: ReadonlyMap<string, NodeExecutor>;
  readonly versions: WorkflowVersions;
  readonly attempts: AttemptRegistry;
  readonly recorder: Recorder;
  readonly live: LiveOutput;
  /** The tools for images and videos, for the work of one user. */
  readonly mediaOf: (userId: string) => MediaTools;
  /** The models as a user may call them: with keys of their own, where they have some. */
  readonly modelsOf: (userId: string) => ModelTools;
  /** The same for one attempt: by the clock of the provider, and within the user's budgets. */
  readonly carefulModelsOf: (claim: Claim) => ModelTools;
  /** The web as a user's nodes may reach it. */
  readonly webOf: (userId: string) => WebTools;
  /** The job that a node execution has at its provider. */
  readonly jobsOf: (claim: Claim, prepared: Prepared, signal: AbortSignal) => AttemptJobs;
  /** Folders that nodes may save to, by name. Default: none. */
  readonly saveFolders?: ReadonlyMap<string, string>;
  /** Takes secrets out of the messages of unexpected errors before they become rows and events. */
  readonly scrubber: Scrubber;
  /** Files of one attempt; `dispose` removes what it left behind. */
  readonly openAssets: (attempt: { userId: string; id: string; attempt: number }) => DisposableAssets;
  readonly lists: StoredLists;
  readonly shared: SharedOutputs;
  readonly regionFacts: RegionFactsReader;
  readonly regionDriver: RegionDriver;
  readonly logger: Logger & { child(fields: object): Logger };
  readonly retryPolicy: RetryPolicy;
  readonly random: () => number;
  readonly spaceRetry: RetrySpacing;
  /** Bytes of JSON that one node may put out; larger things belong into an asset. */
  readonly maxOutputBytes: number;
  readonly at?: WorkPointListener | undefined;
  readonly observer?: AttemptObserver | undefined;
}

/** The files of an attempt, with an end. */
export interface DisposableAssets extends AttemptAssets {
  dispose(): Promise<void>;
}
