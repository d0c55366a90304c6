import { setTimeout as sleep } from 'node:timers/promises';
import { isListType } from '../core/data-types/table.ts';
import { TerminalError } from '../core/errors/app-error.ts';
import type { AnyNodeDefinition, NodeHandles } from '../core/node-type/definition.ts';
import type { ExecutionContext, ExecutionFacts, Logger, NodeExecutor } from '../core/node-type/executor.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import { Suspension } from '../core/node-type/suspension.ts';
import type { NodeOutputs } from '../core/node-type/values.ts';
import { storable } from '../core/storable-text.ts';
import type { Claim } from '../db/run-sql/result.ts';
import { AttemptStopped } from './attempts.ts';
import type { AttemptDependencies } from './attempt-dependencies.ts';
import type { Prepared } from './prepare-attempt.ts';

/** How long a stopped executor may take to let go before its slot is used again without it. */
const stopGraceMs = 2_000;

/** What an executor gave. */
export interface Outcome {
  readonly outputs: NodeOutputs;
  readonly usage: ModelUsage | null;
}

/** The node has to wait. */
export interface Suspended {
  readonly suspension: Suspension;
  readonly usage: ModelUsage | null;
}

/** Runs the executor under the node's own time limit and the worker's stop signal. */
export async function work(
  dependencies: AttemptDependencies,
  claim: Claim,
  prepared: Prepared,
  stop: AbortController,
  logger: Logger,
): Promise<Outcome | Suspended> {
  const { definition, handles, executor, config, inputs } = prepared;
  const { id, runId, workflowId, nodeId, attempt } = claim;
  const { signal } = stop;
  const timer = setTimeout(() => stop.abort(new AttemptStopped('timeout')), claim.timeoutMs);
  const assets = dependencies.openAssets({ userId: claim.userId, id, attempt });
  const live = dependencies.live.open({ runId, workflowId, nodeId, attempt });
  const keep = (outputs: NodeOutputs) => dependencies.lists.keep(claim, outputs, dependencies.maxOutputBytes);
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
    models: dependencies.carefulModelsOf(claim),
    web: dependencies.webOf(claim.userId),
    jobs: dependencies.jobsOf(claim, prepared, signal),
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
      if (dueOutputs) checkOutputs(definition, handles, dueOutputs);
      const kept = dueOutputs ? await keep(dueOutputs) : (dueOutputs ?? null);
      return { suspension: new Suspension({ ...result.request, dueOutputs: kept }), usage: facts.usage ?? null };
    }
    // In the form in which it is stored: who goes on with it must see what others will read.
    const outputs = storable(result);
    checkOutputs(definition, handles, outputs);
    return { outputs: await keep(outputs), usage: facts.usage ?? null };
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

function checkOutputs({ type, branches = false }: AnyNodeDefinition, handles: NodeHandles, outputs: NodeOutputs): void {
  // What a branching node leaves out is not taken.
  for (const handle of branches ? [] : handles.outputs) {
    if (!Object.hasOwn(outputs, handle.id))
      throw new TerminalError('INTERNAL', `The executor of "${type}" gave no value for output "${handle.id}".`);
    if (isListType(handle.dataType) && !Array.isArray(outputs[handle.id]))
      throw new TerminalError('INTERNAL', `The executor of "${type}" gave no list for output "${handle.id}".`);
  }
}
