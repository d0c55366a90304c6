import type { Requeue } from '../db/nodes/requeue.ts';

type Attempt = Pick<Requeue, 'id' | 'runId' | 'attempt'>;

/** An attempt that is left for any worker, as if it had not begun. */
export function handedBack({ id, runId, attempt }: Attempt): Requeue {
  return { id, runId, attempt, delayMs: 0, code: null, message: null, crashed: false };
}

/** The same where how it ended could not be recorded; that is counted. `delayMs`: until it may be claimed, default 0. */
export function handedBackUnrecorded(attempt: Attempt, delayMs = 0): Requeue {
  return { ...handedBack(attempt), delayMs, unrecorded: true };
}
