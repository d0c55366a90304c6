import { TerminalError } from '../core/errors/app-error.ts';
import type { Logger } from '../core/node-type/executor.ts';
import type { NodeInputs, NodeOutputs } from '../core/node-type/values.ts';
import { standsForParts } from '../core/run/region.ts';
import { storable } from '../core/storable-text.ts';
import type { Continuation } from '../db/nodes/advance.ts';
import type { Claim } from '../db/run-sql/result.ts';
import type { NodePool } from '../queue/names.ts';
import type { AttemptOutcome } from './attempt-observer.ts';
import { AttemptStopped } from './attempts.ts';
import type { AttemptDependencies } from './attempt-dependencies.ts';
import { prepare, type Prepared } from './prepare-attempt.ts';
import { work, type Suspended } from './call-executor.ts';
import { recordTrouble } from './record-trouble.ts';

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
  /** Asked when the attempt is over: the pool to go on in, or null, and with how many of its `dependents`. */
  readonly goesOn: (dependents: number) => { readonly continuesIn: NodePool | null; readonly keeps: number };
  /** The attempt waits for another one, and needs no place for that. */
  readonly leave: () => void;
  /** Hears how long the node took, in milliseconds; nothing where an earlier output stands in. */
  readonly worked?: (ms: number) => void;
  /** Of an attempt that waited for its place: it is registered already. */
  readonly stop?: AbortController | undefined;
}

/**
 * Executes a claimed attempt and records how it ended; null where it did not
 * complete, was not ours any more, or was executed by this process before. Never throws for what the node does:
 * success, failure, retry, stop and timeout are all recorded here. It throws
 * where the record itself could not be written; the attempt is then rescued when
 * the lease runs out.
 */
export async function executeAttempt(
  dependencies: AttemptDependencies,
  claim: Claim,
  slot: AttemptSlot,
): Promise<FinishedExecution | null> {
  const { id, runId, nodeId, attempt } = claim;
  const logger = dependencies.logger.child({ runId, nodeExecutionId: id, nodeId, attempt });
  const stop = slot.stop ?? dependencies.attempts.add({ id, runId, nodeId, attempt, startedAt: Date.now() });
  if (stop === null) {
    logger.info({}, 'dropped an attempt that was in hand already');
    return null;
  }
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
    stop.signal.throwIfAborted();
    const { region } = claim;
    const called = region !== null && 'of' in region ? region.graph : undefined;
    const structure = await dependencies.versions.load(claim.workflowVersionId, called);
    if (structure === null) {
      // Mostly deleted with its workflow: then there is no row left to record this in.
      throw new TerminalError('WORKFLOW_NOT_FOUND', 'The graph of this run was deleted. Run the workflow again.');
    }
    const prepared = await prepare(dependencies, claim, structure);
    inputs = prepared.recorded;
    if (standsForParts(region)) return await executeRegion(dependencies, claim, prepared, { logger, slot });
    const nodeType = prepared.definition.type;
    observed = dependencies.observer?.begin({ id, runId, nodeId: claim.nodeId, nodeType, attempt });
    cacheKey = prepared.cacheKey;
    const earlier = await findEarlier(dependencies, claim, prepared, { signal: stop.signal, logger, slot });
    // The run has to hold what it lists from now on.
    const cached = earlier !== null && (await dependencies.lists.hold(claim, earlier)) ? earlier : null;
    const begunAt = performance.now();
    const outcome = cached === null ? await work(dependencies, claim, prepared, stop, logger) : { outputs: cached };
    if (cached === null) slot.worked?.(performance.now() - begunAt);
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
        ...slot.goesOn(prepared.dependents),
        branches: prepared.branches,
        lane: prepared.lane,
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
  { recorded: inputs, branches, dependents }: Prepared,
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
      ...slot.goesOn(dependents),
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
