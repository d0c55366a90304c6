import type pg from 'pg';
import { z } from 'zod';
import { modelUsageSchema } from '../core/api/runs.ts';
import { AppError, RetryableError, TerminalError } from '../core/errors/app-error.ts';
import type { Allowance, ModelCallOptions } from '../core/node-type/call-limits.ts';
import type { Logger, ModelTools } from '../core/node-type/executor.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import { beginModelCall, type FullBudget, type ModelCaller } from '../db/model-calls/begin.ts';
import { easeProviderClock, learnProviderLimit, slowProviderClock, takeProviderTurn } from '../db/model-calls/clock.ts';
import { settleModelCall } from '../db/model-calls/settle.ts';
import { learnedLimit, type LearnedLimit } from './learned-limits.ts';

/*
 * Paid calls of models. Before each, in this order:
 *
 *   the clock    of the key that the call is made with: a provider that asked anybody for time is not called by anybody
 *                until then, and of key and model: where an answer said how many calls are left, they are counted, and the
 *                one after them waits until there are some again. A node that comes too early gives its place back, and comes again when it is its turn; who
 *                called directly is told when to call again, and gets no place
 *   the budget   of the workspace: the call is written down with what it will probably cost, unless there is no room for that
 *
 * After it the row gets what it did cost, and the clock is told of a refusal, of what is left, or that the provider answers again.
 */

/** In the details of an error: the provider was not called, so that this was no try. */
export const turnDetail = 'waitsForTurn';

/** Between two calls to a provider that refused some, at first; it doubles with each refusal, and halves with each answer. */
const paceMs = 250;
/** Faster than that nobody has to be held back. */
const leastPaceMs = 40;
/** What refuses without naming a time is left alone for so long. */
const defaultWaitMs = 2_000;
/** More than so many calls that are left are no reason to count them: that is a write for each call. */
const fewCalls = 100;
/** What the column takes. */
const longestKey = 400;

/** Where calls are written down, and where it is told that one could not be. */
export interface PaidCallsDependencies {
  readonly pool: pg.Pool;
  readonly logger: Logger;
}

/** Calls of models that somebody pays for. */
export interface PaidCalls {
  /**
   * Makes a call of the model. `costOf`: what its result has cost; null: that shows later. Throws PROVIDER_RATE_LIMITED
   * and BUDGET_EXCEEDED before it calls, and whatever the call throws.
   */
  pay<Result>(
    request: { readonly model: string; readonly seconds?: number; readonly count?: number },
    call: (heard: Required<Pick<ModelCallOptions, 'onAllowances'>>) => Promise<Result>,
    costOf: ((result: Result) => ModelUsage | null) | null,
  ): Promise<Result>;
  /** Waits for a record of what was paid; nothing that was paid is lost for want of it. */
  told(record: Promise<void>): Promise<void>;
}

/** Calls with a user's models, by a node, or directly where `caller` has no execution. */
export function createPaidCalls(
  { pool, logger }: PaidCallsDependencies,
  models: Pick<ModelTools, 'lookUp'>,
  caller: ModelCaller,
): PaidCalls {
  const isDirect = caller.nodeExecutionId === null;

  async function pay<Result>(
    request: { readonly model: string; readonly seconds?: number; readonly count?: number },
    call: (heard: Required<Pick<ModelCallOptions, 'onAllowances'>>) => Promise<Result>,
    costOf: ((result: Result) => ModelUsage | null) | null,
  ): Promise<Result> {
    const { key, provider, title, model, listedUsd } = await models.lookUp(request);
    // What a provider refuses is told of the key; what it says of what is left, of the key and the model.
    const modelKey = `${key} ${model}`.slice(0, longestKey);
    const waitMs = await takeProviderTurn(pool, [key, modelKey], caller);
    if (waitMs !== null && waitMs > 0) throw isDirect ? comeAgainError(title, waitMs) : notYetError(title, waitMs);
    const begun = await beginModelCall(pool, { ...caller, provider, model, listedUsd });
    if (typeof begun !== 'string') throw budgetError(begun);
    let allowances: readonly Allowance[] = [];
    const onAllowances = (latest: readonly Allowance[]) => void (allowances = latest);
    const begunAt = performance.now();
    const tookMs = (): number => performance.now() - begunAt;
    try {
      const result = await call({ onAllowances });
      const usage = costOf?.(result) ?? null;
      if (costOf !== null) await settled(begun, usage?.costUsd ?? null);
      const limit = learnedLimit(allowances, usage === null ? null : usage.inputTokens + usage.outputTokens);
      const isNear = limit !== null && limit.calls <= fewCalls;
      if (isNear) await told(learnProviderLimit(pool, modelKey, limit, { paceMs, tookMs: tookMs() }));
      if (waitMs !== null) await told(easeProviderClock(pool, isNear ? [key] : [key, modelKey], leastPaceMs));
      return result;
    } catch (error) {
      await settled(begun, costOfFailure(error));
      if (error instanceof AppError && error.code === 'PROVIDER_RATE_LIMITED' && error instanceof RetryableError) {
        await told(slowed(error, { key, modelKey, limit: learnedLimit(allowances, null) }));
      }
      throw error;
    }
  }

  /** A refusal is about the key, unless the answer says itself which limit of the model is reached. */
  async function slowed(
    error: RetryableError,
    { key, modelKey, limit }: { key: string; modelKey: string; limit: LearnedLimit | null },
  ): Promise<void> {
    if (error.retryAfterMs === undefined && limit?.calls === 0) {
      const atLeast = { ...limit, waitMs: Math.max(limit.waitMs, defaultWaitMs), refillMs: null };
      await learnProviderLimit(pool, modelKey, atLeast, { paceMs, tookMs: 0 });
      return;
    }
    const waitMs = error.retryAfterMs ?? defaultWaitMs;
    await slowProviderClock(pool, key, { waitMs, paceMs, ownPaceMs: null });
    const ownPaceMs = z.number().positive().safeParse(error.details['paceMs']).data;
    if (ownPaceMs !== undefined) await slowProviderClock(pool, modelKey, { waitMs, paceMs, ownPaceMs });
  }

  /** What was paid is not lost for want of a row: it counts as what was expected then. */
  const settled = (call: string, costUsd: number | null) => told(settleModelCall(pool, call, costUsd));

  async function told(record: Promise<void>): Promise<void> {
    await record.catch((error: unknown) => logger.warn({ err: error }, 'could not write down how a call ended'));
  }

  return { pay, told };
}

/** An answer that was cut off, blocked or empty is paid as any other; a refusal costs nothing; of a silence nobody knows. */
function costOfFailure(error: unknown): number | null {
  if (!(error instanceof AppError)) return null;
  const usage = modelUsageSchema.safeParse(error.details['usage']).data;
  if (usage !== undefined) return usage.costUsd ?? null;
  return typeof error.details['status'] === 'number' || error.code === 'PROVIDER_NOT_CONFIGURED' ? 0 : null;
}

function notYetError(title: string, waitMs: number): RetryableError {
  return new RetryableError(
    'PROVIDER_RATE_LIMITED',
    `${title} asked for fewer calls, so this one has not been made yet. Wait: it comes by itself in about ${Math.ceil(waitMs / 1000)} s.`,
    { retryAfterMs: waitMs, details: { [turnDetail]: true } },
  );
}

function comeAgainError(title: string, waitMs: number): RetryableError {
  return new RetryableError(
    'PROVIDER_RATE_LIMITED',
    `${title} asked for fewer calls, so this one was not made. Try again in about ${Math.ceil(waitMs / 1000)} seconds.`,
    { retryAfterMs: waitMs },
  );
}

const periodWords = { run: 'for each run', day: 'for today (UTC)', month: 'for this month (UTC)' };

function budgetError({ period, limitUsd, spentUsd, expectedUsd }: FullBudget): TerminalError {
  const dollars = (usd: number) => `$${usd.toFixed(usd < 0.1 && usd > 0 ? 4 : 2)}`;
  return new TerminalError(
    'BUDGET_EXCEEDED',
    `The budget ${periodWords[period]} is ${dollars(limitUsd)}; ${dollars(spentUsd)} is spent, and this call would cost about ${dollars(expectedUsd)}, so it was not made. Raise the budget in Settings, or run it again when there is room.`,
    { details: { period, limitUsd, spentUsd, expectedUsd } },
  );
}
