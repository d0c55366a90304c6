import { AppError } from '../core/errors/app-error.ts';
import type { ModelTools } from '../core/node-type/executor.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import type { Claim } from '../db/run-sql/result.ts';
import { settleEarlierModelCalls, settleOpenModelCalls } from '../db/model-calls/settle.ts';
import { createPaidCalls, type PaidCallsDependencies } from '../engine/paid-calls.ts';

/**
 * Models for one attempt: each call keeps to the clock of its key, is written down and held against the budgets before it is
 * made. Throws PROVIDER_RATE_LIMITED and BUDGET_EXCEEDED.
 */
export function createCarefulModels(
  dependencies: PaidCallsDependencies,
  models: ModelTools,
  claim: Pick<Claim, 'id' | 'attempt' | 'runId' | 'nodeId' | 'workflowId' | 'userId'>,
): ModelTools {
  const { pool } = dependencies;
  const { id: nodeExecutionId, attempt, runId, nodeId, workflowId, userId } = claim;
  const caller = { userId, workflowId, runId, nodeId, nodeExecutionId, attempt };
  const { pay, told } = createPaidCalls(dependencies, models, caller);

  return {
    ...models,
    generate: (request, options) =>
      pay(request, (heard) => models.generate(request, { ...options, ...heard }), usageOf),
    generateImages: (request, options) =>
      pay(request, (heard) => models.generateImages(request, { ...options, ...heard }), usageOf),
    speak: (request, options) => pay(request, (heard) => models.speak(request, { ...options, ...heard }), usageOf),
    transcribe: (request, options) =>
      pay(request, (heard) => models.transcribe(request, { ...options, ...heard }), usageOf),
    startVideo: async (request, options) => {
      const job = await pay(request, (heard) => models.startVideo(request, { ...options, ...heard }), null);
      // What an attempt before handed in under the same key is the same job.
      if (attempt > 1 && (await models.lookUp({ model: request.model })).isRepeatable)
        await told(settleEarlierModelCalls(pool, { id: nodeExecutionId, attempt }, job));
      return job;
    },
    askForVideo: async (job, options) => {
      const state = await models.askForVideo(job, options);
      // Failed and withheld videos are not charged; of a lost one nobody knows.
      if (state.kind === 'gone')
        await told(settleOpenModelCalls(pool, nodeExecutionId, isLost(state.error) ? null : 0));
      return state;
    },
    fetchVideo: async (job, options) => {
      const made = await models.fetchVideo(job, options);
      await told(settleOpenModelCalls(pool, nodeExecutionId, made.usage?.costUsd ?? null));
      return made;
    },
  };
}

const usageOf = ({ usage }: { readonly usage: ModelUsage | null }): ModelUsage | null => usage;

function isLost(error: Error): boolean {
  return error instanceof AppError && error.code === 'PROVIDER_JOB_LOST';
}
