import { listDueWaits, type DueWait } from '../../../db/waits/list-due.ts';
import { createWaitEnds, type WaitEnds } from '../../waits/wait-ends.ts';
import type { Duty, Round } from '../duty.ts';
import type { SweepContext } from './sweep-context.ts';
import { togetherOrApart } from './together-or-apart.ts';

/** Waits that end in one statement. */
const batch = 200;
/** What a timer may fire early, and a clock be off; it is looked at again then. */
const graceMs = 2;

/**
 * Ends waits whose time is over: with the outputs that are stored for that, else as FAILED. One that is over before the
 * next round is ended at its moment, by a timer; where this process dies before, the next round does it.
 */
export const endDueWaits: Duty<SweepContext> = {
  name: 'end-due-waits',
  everyMs: 0,
  run: async (context) => {
    const untilMs = performance.now() + context.times.intervalMs;
    const nextInMs = await endDue(context, context.times.intervalMs);
    if (nextInMs !== null) endAt(context, nextInMs, untilMs);
  },
};

function endAt(context: SweepContext & Round, inMs: number, untilMs: number): void {
  const timer = setTimeout(() => {
    const leftMs = untilMs - performance.now();
    if (leftMs < 0 || context.signal.aborted) return;
    endDue(context, leftMs)
      .then((nextInMs) => nextInMs !== null && endAt(context, nextInMs, untilMs))
      .catch((error: unknown) => context.logger.warn({ err: error }, 'could not end waits; the next sweep will'));
  }, inMs + graceMs);
  timer.unref();
}

/** Ends what is due, and says in how many milliseconds the next one is that is due within `withinMs`; null: none is. */
async function endDue(context: SweepContext, withinMs: number): Promise<number | null> {
  const { pool, queue, logger, enqueue } = context;
  const ends = createWaitEnds({
    ...context,
    queue: { addNodes: (jobs) => enqueue(() => queue.addNodes(jobs)) },
  });
  for (;;) {
    const waits = await listDueWaits(pool, withinMs, batch);
    const due = waits.filter(({ inMs }) => inMs <= 0);
    await togetherOrApart(
      due.filter(({ hasOutputs }) => hasOutputs),
      logger,
      (some) => resolve(ends, some),
    );
    await togetherOrApart(
      due.filter(({ hasOutputs }) => !hasOutputs),
      logger,
      (some) => giveUp(ends, some),
    );
    if (due.length < batch) return waits.find(({ inMs }) => inMs > 0)?.inMs ?? null;
  }
}

async function resolve(ends: WaitEnds, waits: readonly DueWait[]): Promise<void> {
  await ends.resolve(
    waits.map(({ id, runId, attempt, kind }) => ({
      id,
      runId,
      attempt,
      outputs: null,
      resolution: { outcome: kind === 'timer' ? 'due' : 'expired' },
      resolvedBy: null,
    })),
  );
}

async function giveUp(ends: WaitEnds, waits: readonly DueWait[]): Promise<void> {
  await ends.fail(
    waits.map(({ id, runId, nodeId, attempt }) => ({
      id,
      runId,
      attempt,
      code: 'WAIT_EXPIRED',
      message: `Node "${nodeId}" waited until its time was over, and nothing came. Run it again, or give it more time.`,
      resolution: { outcome: 'expired' },
      resolvedBy: null,
    })),
  );
}
