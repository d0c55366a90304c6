import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { modelUsageSchema } from '../core/api/runs.ts';
import { isListType } from '../core/data-types/table.ts';
import { TerminalError, toAppError, type RetryableError } from '../core/errors/app-error.ts';
import { mayBranch } from '../core/graph/branches.ts';
import { cacheKeyOf, mayStandIn } from '../core/graph/cache-key.ts';
import { configOf } from '../core/graph/config.ts';
import { resolveInputs } from '../core/graph/inputs.ts';
import type { GraphStructure } from '../core/graph/structure.ts';
import type { AnyNodeDefinition, NodeCatalogue, NodeHandles } from '../core/node-type/definition.ts';
import type {
  AttemptAssets,
  ExecutionContext,
  ExecutionFacts,
  Logger,
  ModelTools,
  NodeExecutor,
} from '../core/node-type/executor.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import { handlesOf } from '../core/node-type/handles.ts';
import { Suspension } from '../core/node-type/suspension.ts';
import type { MediaTools } from '../core/node-type/media-tools.ts';
import type { NodeInputs, NodeOutputs } from '../core/node-type/values.ts';
import type { WebTools } from '../core/node-type/web-tools.ts';
import { withoutKeys, type Scrubber } from '../core/scrub.ts';
import { storable } from '../core/storable-text.ts';
import { retryDelayMs, type RetryPolicy } from '../core/run/retry.ts';
import type { Claim, Continuation } from '../db/nodes/advance.ts';
import { isRefusedData } from '../engine/outage.ts';
import type { NodePool } from '../queue/names.ts';
import type { AttemptObserver, AttemptOutcome } from './attempt-observer.ts';
import { AttemptStopped, type AttemptRegistry } from './attempts.ts';
import type { LiveOutput } from './live-output.ts';
import type { RegionDriver } from './drive-region.ts';
import type { RegionFacts, RegionFactsReader } from './region-facts.ts';
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
  /** The web as a user's nodes may reach it. */
  readonly webOf: (userId: string) => WebTools;
  /** Folders that nodes may save to, by name. Default: none. */
  readonly saveFolders?: ReadonlyMap<string, string>;
  /** Takes secrets out of the messages of unexpected errors before they become rows and events. */
  readonly scrubber: Scrubber;
  /** Files of one attempt; `dispose` removes what it left behind. */
  readonly openAssets: (attempt: { userId: string; id: string; attempt: number }) => DisposableAssets;
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

export interface DisposableAssets extends AttemptAssets {
  dispose(): Promise<void>;
}

/** How long a stopped executor may take to let go before its slot is used again without it. */
const stopGraceMs = 2_000;

/** An attempt that was recorded as completed, and what followed. */
export interface FinishedExecution {
  readonly outputs: NodeOutputs;
  /** Attempts that are ours by this one's completion. */
  readonly continuations: readonly Continuation[];
  /** Resolves when the jobs of what else became ready were added. */
  readonly released: Promise<void>;
}

/** What an attempt has of its worker's places. */
export interface AttemptSlot {
  /** Asked when the attempt is over: the pool to go on in with a dependent, or null. */
  readonly continuesIn: () => NodePool | null;
  /** The attempt waits for another one, and needs no place for that. */
  readonly leave: () => void;
}

/**
 * Executes a claimed attempt and records how it ended; null where it did not
 * complete or was not ours any more. Never throws for what the node does:
 * success, failure, retry, stop and timeout are all recorded here. It throws
 * where the record itself could not be written; the attempt is then rescued when
 * the lease runs out.
 *
 */
export async function executeAttempt(
  dependencies: AttemptDependencies,
  claim: Claim,
  slot: AttemptSlot,
): Promise<FinishedExecution | null> {
  const { id, runId, nodeId, attempt } = claim;
  const logger = dependencies.logger.child({ runId, nodeExecutionId: id, nodeId, attempt });
  const stop = dependencies.attempts.add({ id, runId, nodeId, attempt, startedAt: Date.now() });
  try {
    return await executeRegistered(dependencies, claim, { stop, logger, slot });
  } finally {
    dependencies.attempts.remove(id, attempt);
  }
}

async function executeRegistered(
  dependencies: AttemptDependencies,
  claim: Claim,
  { stop, logger, slot }: { stop: AbortController; logger: Logger; slot: AttemptSlot },
): Promise<FinishedExecution | null> {
  const { recorder } = dependencies;
  const { id, runId, attempt } = claim;
  let inputs: NodeInputs | null = null;
  let cacheKey: string | null = null;
  let observed: ((outcome: AttemptOutcome) => void) | undefined;
  try {
    const structure = await dependencies.versions.load(claim.workflowVersionId);
    if (structure === null) {
      // Mostly deleted with its workflow: then there is no row left to record this in.
      throw new TerminalError('WORKFLOW_NOT_FOUND', 'The graph of this run was deleted. Run the workflow again.');
    }
    const prepared = await prepare(dependencies, claim, structure);
    inputs = prepared.inputs;
    if (claim.region !== null && !('of' in claim.region))
      return await executeRegion(dependencies, claim, prepared, { logger, slot });
    const nodeType = prepared.definition.type;
    observed = dependencies.observer?.begin({ id, runId, nodeId: claim.nodeId, nodeType, attempt });
    cacheKey = prepared.cacheKey;
    const cached = await findEarlier(dependencies, claim, prepared, { signal: stop.signal, logger, slot });
    const outcome = cached === null ? await work(dependencies, claim, prepared, stop, logger) : { outputs: cached };
    dependencies.at?.('before-record');
    if ('suspension' in outcome) {
      const isRecorded = await suspend(dependencies, claim, inputs, outcome);
      logger.debug({ isRecorded }, 'node waits');
      observed?.(isRecorded ? 'suspended' : 'lost');
      return null;
    }
    const { isRecorded, continuations, released } = await recorder.complete({
      completion: {
        id,
        runId,
        attempt,
        inputs,
        outputs: outcome.outputs,
        cached: cached !== null,
        usage: 'usage' in outcome ? (outcome.usage ?? null) : null,
        continuesIn: slot.continuesIn(),
        branches: prepared.branches,
      },
      cache: prepared.cacheKey === null ? null : { userId: claim.userId, key: prepared.cacheKey },
    });
    logger.debug({ isRecorded, cached: cached !== null }, 'node completed');
    observed?.(isRecorded ? (cached === null ? 'completed' : 'cached') : 'lost');
    return isRecorded ? { outputs: outcome.outputs, continuations, released } : null;
  } catch (error) {
    const stopped: unknown = stop.signal.reason;
    const trouble = stopped instanceof AttemptStopped ? stopped : error;
    const outcome = await recordTrouble(dependencies, claim, trouble, inputs, logger);
    observed?.(outcome);
    return null;
  } finally {
    if (cacheKey !== null) dependencies.shared.ended(claim.userId, cacheKey);
  }
}

/** Of a node that stands for all elements of a list: makes what is repeated, and waits for it or collects what came of it. */
async function executeRegion(
  { regionDriver, recorder, at }: AttemptDependencies,
  claim: Claim,
  { inputs, branches }: Prepared,
  { logger, slot }: { logger: Logger; slot: AttemptSlot },
): Promise<FinishedExecution | null> {
  const { id, runId, attempt, region } = claim;
  const outputs =
    region !== null && 'driver' in region
      ? await regionDriver.collect(claim, region.driver)
      : await regionDriver.drive(claim, inputs);
  if (outputs === null) {
    logger.debug({}, 'node waits for its parts');
    return null;
  }
  at?.('before-record');
  const { isRecorded, continuations, released } = await recorder.complete({
    completion: {
      ...{ id, runId, attempt, inputs, outputs: storable(outputs), branches },
      cached: false,
      usage: null,
      continuesIn: slot.continuesIn(),
    },
    cache: null,
  });
  logger.debug({ isRecorded }, 'node collected the outputs of its parts');
  return isRecorded ? { outputs, continuations, released } : null;
}

/** Lets the node wait; what it waits for will complete it. */
function suspend(
  { recorder }: AttemptDependencies,
  { id, runId, attempt }: Claim,
  inputs: NodeInputs,
  { suspension, usage }: Suspended,
): Promise<boolean> {
  const { kind, dueInMs, payload = {}, dueOutputs = null } = suspension.request;
  return recorder.suspend({ id, runId, attempt, inputs, usage, wait: { kind, dueInMs, payload, dueOutputs } });
}

/** An earlier output, or that of an equal attempt that is under way; null where this one is to be executed. */
async function findEarlier(
  { shared }: AttemptDependencies,
  { id, attempt, userId }: Claim,
  { cacheKey }: Prepared,
  { signal, logger, slot }: { signal: AbortSignal; logger: Logger; slot: AttemptSlot },
): Promise<NodeOutputs | null> {
  if (cacheKey === null) return null;
  const taken = await shared.take({ id, attempt, userId }, cacheKey).catch((error: unknown) => {
    logger.warn({ err: error }, 'could not look for an earlier output');
    return 'mine' as const;
  });
  if (taken === 'mine') return null;
  if (taken !== 'wait') return taken;
  logger.debug({}, 'waits for an equal node that is under way');
  if (shared.hasRoom()) slot.leave();
  const outcome = await shared.wait({ id, attempt, userId }, cacheKey, signal);
  return outcome === 'mine' ? null : outcome;
}

async function recordTrouble(
  { recorder, retryPolicy, random, spaceRetry, scrubber }: AttemptDependencies,
  claim: Claim,
  error: unknown,
  inputs: NodeInputs | null,
  logger: Logger,
): Promise<AttemptOutcome> {
  const { id, runId, attempt } = claim;
  if (error instanceof AttemptStopped && error.reason === 'gone') {
    logger.info({}, 'stopped an attempt that is not ours any more');
    return 'lost';
  }
  if (error instanceof AttemptStopped && error.reason === 'drain') {
    logger.info({}, 'handed an attempt back');
    await recorder.requeue({ id, runId, attempt, delayMs: 0, code: null, message: null, crashed: false });
    return 'handed-back';
  }
  const failure: TerminalError | RetryableError =
    error instanceof AttemptStopped
      ? new TerminalError(
          'NODE_TIMEOUT',
          `Node "${claim.nodeId}" took longer than its limit of ${claim.timeoutMs} ms and was stopped. Give it less to do, or run it again.`,
        )
      : isRefusedData(error)
        ? refusedRecord(claim, error)
        : toAppError(error);
  // An answer that was cut off, blocked or empty is paid as any other.
  const usage = modelUsageSchema.safeParse(failure.details['usage']).data ?? null;
  const tries = attempt - claim.crashCount - claim.unrecordedCount - (claim.earlierTries ?? 0);
  const wantedMs = retryDelayMs(failure, tries, retryPolicy, random);
  const { code } = failure;
  const delayMs = wantedMs === null ? null : spaceRetry(code, wantedMs);
  // What a node says on purpose may repeat its user's own words, which are never held against secrets.
  const message = code === 'INTERNAL' ? scrubber.text(failure.message) : withoutKeys(failure.message);
  if (delayMs !== null) {
    logger.warn({ code, delayMs, err: failure }, 'node will be retried');
    await recorder.requeue({ id, runId, attempt, delayMs, code, message, crashed: false, usage });
    return 'retried';
  }
  logger.warn({ code, err: failure }, 'node failed');
  await recorder.fail({ id, runId, attempt, code, message, inputs, crashed: false, usage });
  return 'failed';
}

/** To do the work again would be paid for again, and refused again. */
function refusedRecord({ nodeId }: Claim, error: Error): TerminalError {
  return new TerminalError(
    'INTERNAL',
    `What node "${nodeId}" put out could not be stored: the database refused it (${error.message}).`,
    { cause: error },
  );
}

interface Prepared {
  readonly definition: AnyNodeDefinition;
  readonly handles: NodeHandles;
  readonly executor: NodeExecutor;
  readonly config: unknown;
  readonly inputs: NodeInputs;
  /** Whether the run may take one way or another. */
  readonly branches: boolean;
  /** Null where earlier outputs may not stand in. */
  readonly cacheKey: string | null;
}

async function prepare(
  { catalogue, executors, regionFacts }: AttemptDependencies,
  claim: Claim,
  structure: GraphStructure,
): Promise<Prepared> {
  const node = structure.nodes.get(claim.nodeId);
  const definition = node && catalogue.get(node.type);
  const executor = node && executors.get(node.type);
  if (node === undefined || definition === undefined || executor === undefined) {
    throw new TerminalError(
      'NODE_TYPE_UNKNOWN',
      `This worker cannot run node "${claim.nodeId}": it does not know the type. Update the worker.`,
    );
  }
  const config = configOf(structure.configs, definition, node);
  const handles = handlesOf(definition, config);
  const outputs = new Map(Object.entries(claim.dependencyOutputs ?? {}));
  const part = await partOf(regionFacts, claim);
  const inputs = resolveInputs(handles, structure.incoming.get(node.id) ?? [], (nodeId, edge) =>
    part === null || part.own.has(nodeId) ? outputs.get(nodeId) : part.facts.outputsAt(edge, part.index),
  );
  const standsForAll = claim.region !== null && part === null;
  const cacheKey =
    !standsForAll && mayStandIn(definition, config, claim.useCache)
      ? cacheKeyOf(definition, config, inputs, (text) => hash('sha256', text))
      : null;
  const branches = mayBranch(structure, catalogue) || part?.facts.isSparse === true;
  return { definition, handles, executor, config, inputs, branches, cacheKey };
}

/** What an attempt of a part gets from outside of its region; null for any other attempt. */
async function partOf(
  regionFacts: RegionFactsReader,
  { region }: Claim,
): Promise<{ readonly facts: RegionFacts; readonly own: ReadonlySet<string>; readonly index: number } | null> {
  if (region === null || !('of' in region)) return null;
  const facts = await regionFacts.read(region.of);
  if (facts === null)
    throw new TerminalError('WORKFLOW_NOT_FOUND', 'The run of this part was deleted. Run the workflow again.');
  return { facts, own: new Set(facts.driver.region.nodes), index: region.index };
}

interface Outcome {
  readonly outputs: NodeOutputs;
  readonly usage: ModelUsage | null;
}

/** The node has to wait. */
interface Suspended {
  readonly suspension: Suspension;
  readonly usage: ModelUsage | null;
}

/** Runs the executor under the node's own time limit and the worker's stop signal. */
async function work(
  dependencies: AttemptDependencies,
  claim: Claim,
  { definition, handles, executor, config, inputs }: Prepared,
  stop: AbortController,
  logger: Logger,
): Promise<Outcome | Suspended> {
  const { id, runId, workflowId, nodeId, attempt } = claim;
  const { signal } = stop;
  const timer = setTimeout(() => stop.abort(new AttemptStopped('timeout')), claim.timeoutMs);
  const assets = dependencies.openAssets({ userId: claim.userId, id, attempt });
  const live = dependencies.live.open({ runId, workflowId, nodeId, attempt });
  let facts: ExecutionFacts = {};
  dependencies.at?.('before-call');
  const execution = start(executor, {
    config,
    inputs,
    signal,
    idempotencyKey: id,
    logger,
    assets,
    media: dependencies.mediaOf(claim.userId),
    models: dependencies.modelsOf(claim.userId),
    web: dependencies.webOf(claim.userId),
    ...(dependencies.saveFolders !== undefined && { saveFolders: dependencies.saveFolders }),
    progress: (percent, message) => live.progress(percent, message ?? null),
    delta: live.delta,
    report: (more) => {
      facts = { ...facts, ...more };
    },
  });
  // The files go when the executor has let go of them, even if nobody waits for it any more.
  const settled = execution.then(
    () => assets.dispose(),
    () => assets.dispose(),
  );
  settled.catch((error: unknown) => logger.warn({ err: error }, 'could not remove the files of an attempt'));
  try {
    const result = await Promise.race([execution, rejectOnAbort(signal)]);
    dependencies.at?.('after-call');
    if (result instanceof Suspension) {
      const { dueOutputs } = result.request;
      if (dueOutputs) checkOutputs(definition, handles, dueOutputs, dependencies.maxOutputBytes);
      return { suspension: result, usage: facts.usage ?? null };
    }
    // In the form in which it is stored: who goes on with it must see what others will read.
    const outputs = storable(result);
    checkOutputs(definition, handles, outputs, dependencies.maxOutputBytes);
    return { outputs, usage: facts.usage ?? null };
  } finally {
    clearTimeout(timer);
    live.close();
    if (signal.aborted) await Promise.race([settled.catch(() => {}), sleep(stopGraceMs, undefined, { ref: false })]);
  }
}

/** Turns a throw before the first await into a rejection. */
async function start(executor: NodeExecutor, context: ExecutionContext<unknown>): Promise<NodeOutputs | Suspension> {
  return executor.execute(context);
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function checkOutputs(
  { type, branches = false }: AnyNodeDefinition,
  handles: NodeHandles,
  outputs: NodeOutputs,
  maxBytes: number,
): void {
  // What a branching node leaves out is not taken.
  for (const handle of branches ? [] : handles.outputs) {
    if (!Object.hasOwn(outputs, handle.id))
      throw new TerminalError('INTERNAL', `The executor of "${type}" gave no value for output "${handle.id}".`);
    if (isListType(handle.dataType) && !Array.isArray(outputs[handle.id]))
      throw new TerminalError('INTERNAL', `The executor of "${type}" gave no list for output "${handle.id}".`);
  }
  const bytes = Buffer.byteLength(JSON.stringify(outputs));
  if (bytes <= maxBytes) return;
  throw new TerminalError(
    'NODE_OUTPUT_TOO_LARGE',
    `The output has ${bytes} bytes; the limit is ${maxBytes}. Ask for less, for example by a lower maximum of tokens.`,
    { details: { bytes, limit: maxBytes } },
  );
}
