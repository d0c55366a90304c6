import type pg from 'pg';
import { RetryableError, TerminalError } from '../../core/errors/app-error.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import { actingFor } from '../../db/acting-for.ts';
import type { ClaimedFire } from '../../db/triggers/claim-fires.ts';
import { lengthOfChain, mostInChain } from '../../db/triggers/collect-ends.ts';
import { endFiresOfPaused, markFireStarted, postponeFire, refuseFire } from '../../db/triggers/record-fires.ts';
import { isTransientDatabaseError } from '../outage.ts';
import type { RunStarter } from '../runs/run-starter.ts';

/** What starting the runs of triggers needs. */
export interface FireStarterDependencies {
  readonly pool: pg.Pool;
  readonly starter: Pick<RunStarter, 'start' | 'cancel'>;
  readonly logger: Logger;
  /** What time it is; null: by the clock of the database. */
  readonly now: () => Date | null;
  /** What a mapping finds in a run, by the names of inputs, beside those that are always the same. Throws AppError. */
  readonly inputsAfter: (
    after: NonNullable<ClaimedFire['after']>,
    fire: Pick<ClaimedFire, 'userId' | 'inputs'>,
  ) => Promise<Record<string, unknown>>;
}

/** What cannot be started for so long, such as for a full queue, is given up. */
const patienceMs = 3_600_000;
const firstWaitMs = 2_000;
const longestWaitMs = 60_000;

/**
 * Starts the run of a fire that was claimed, under the id of the fire: one that is started twice is one run. What came
 * of it is written down with the fire. Throws where the database is away: the claim ends, and somebody tries again.
 */
export async function startFire(dependencies: FireStarterDependencies, fire: ClaimedFire): Promise<void> {
  const { pool, starter } = dependencies;
  try {
    for (const runId of fire.cancels) await starter.cancel(runId);
    await actingFor(fire.userId, async () =>
      starter.start({
        userId: fire.userId,
        actorId: fire.actorId,
        workflow: { id: fire.workflowId, published: fire.version },
        inputs: await inputsOf(dependencies, fire),
        triggerType: triggerTypes[fire.kind],
        runId: fire.id,
      }),
    );
  } catch (error) {
    await recordFailure(dependencies, fire, error);
    return;
  }
  await markFireStarted(pool, fire.id);
}

const triggerTypes = { schedule: 'SCHEDULE', webhook: 'WEBHOOK', workflow: 'WORKFLOW', file: 'FILE' } as const;

async function inputsOf({ pool, inputsAfter }: FireStarterDependencies, fire: ClaimedFire) {
  if (fire.after === null) return fire.inputs;
  if ((await lengthOfChain(pool, fire.id)) > mostInChain) {
    throw new TerminalError(
      'TRIGGER_LOOP',
      `More than ${mostInChain} runs in a row have started one another. Change or delete one of the triggers of these workflows.`,
    );
  }
  return inputsAfter(fire.after, fire);
}

async function recordFailure(
  { pool, logger, now }: FireStarterDependencies,
  fire: ClaimedFire,
  error: unknown,
): Promise<void> {
  if (isTransientDatabaseError(error)) throw error;
  const time = now();
  const age = (time?.getTime() ?? Date.now()) - fire.createdAt.getTime();
  const why = whyOf(error);
  if (why.code === 'INTERNAL')
    logger.error({ err: error, triggerId: fire.triggerId }, 'a trigger could not start a run');
  if (error instanceof TerminalError || age >= patienceMs) {
    const paused = await refuseFire(pool, fire.id, why);
    await endFiresOfPaused(pool, paused);
    tellPaused(logger, paused);
    return;
  }
  const backoffMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (fire.tries - 1));
  const waitMs = Math.max(backoffMs, error instanceof RetryableError ? (error.retryAfterMs ?? 0) : 0);
  await postponeFire(pool, fire.id, why, { now: time, waitMs });
}

/** One line for each trigger that has paused itself. */
export function tellPaused(logger: Logger, triggerIds: readonly string[]): void {
  for (const triggerId of triggerIds) logger.warn({ triggerId }, 'a schedule paused itself after failures in a row');
}

function whyOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof TerminalError || error instanceof RetryableError) {
    return { code: error.code, message: error.message };
  }
  return { code: 'INTERNAL', message: 'Something went wrong on the server; its log has the reason.' };
}
