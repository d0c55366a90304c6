import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request } from 'express';
import { z } from 'zod';
import { RetryableError, TerminalError } from '../../core/errors/app-error.ts';
import { canonicalJson } from '../../core/graph/canonical-json.ts';
import type { Db } from '../../db/client.ts';
import { abandonIdempotencyKey, releaseIdempotencyKey } from '../../db/idempotency-keys/release.ts';
import { findIdempotencyKey } from '../../db/idempotency-keys/find.ts';
import { saveIdempotentAnswer } from '../../db/idempotency-keys/save-answer.ts';
import { takeIdempotencyKey, takeOverIdempotencyKey } from '../../db/idempotency-keys/take.ts';
import { persist } from '../../engine/outage.ts';

/** Documents the header on the routes that take it. */
export const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: 'Repeating a request with the same key gives the first answer instead of a second effect.' }),
});

/** How long a repeated request waits for the first one, in milliseconds. Starting a run takes a few. */
const waitMs = 15_000;
/** The first look comes soon, later ones rarer: fifty waiting requests must not flood the database. */
const firstPauseMs = 20;
const longestPauseMs = 250;
/** A restart of Postgres takes seconds. */
const leaveMs = 30_000;

export interface IdempotentAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Does the work once for all requests of a user that carry the same
 * Idempotency-Key; the others get the first one's answer. Without the header
 * the work is simply done. A refused request frees the key. Where the first
 * request broke off, the next one does the work again for the same
 * `subjectId`, the id of what the work makes, and must find what is there.
 *
 * `fingerprint` is what makes two requests the same; a key that comes back with
 * another one is refused with IDEMPOTENCY_KEY_REUSED.
 */
export async function doOnce(
  db: Db,
  request: {
    readonly http: Request;
    readonly userId: string;
    readonly fingerprint: unknown;
    readonly signal: AbortSignal;
    /** A first request that has not answered by then died with its server; the next one takes its place. */
    readonly abandonedMs: number;
  },
  work: (subjectId: string | undefined) => Promise<IdempotentAnswer>,
): Promise<IdempotentAnswer & { readonly replayed: boolean }> {
  const key = keyOf(request.http);
  if (key === null) return { ...(await work(undefined)), replayed: false };
  const { userId, abandonedMs } = request;
  const requestHash = createHash('sha256').update(canonicalJson(request.fingerprint)).digest('hex');
  const deadline = performance.now() + waitMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const subjectId = await takeIdempotencyKey(db, { userId, key, requestHash });
    if (subjectId !== null) {
      return { ...(await doAndRemember(db, { userId, key }, () => work(subjectId))), replayed: false };
    }
    const known = await findIdempotencyKey(db, userId, key);
    if (known === null) continue;
    if (known.requestHash !== requestHash) {
      throw new TerminalError(
        'IDEMPOTENCY_KEY_REUSED',
        'This Idempotency-Key was used for another request. Use a new key for a new request.',
      );
    }
    if (known.status !== null) return { status: known.status, body: known.response, replayed: true };
    const inherited = await takeOverIdempotencyKey(db, { userId, key, abandonedMs });
    if (inherited !== null) {
      return { ...(await doAndRemember(db, { userId, key }, () => work(inherited))), replayed: false };
    }
    if (performance.now() > deadline) {
      throw new RetryableError(
        'IDEMPOTENCY_KEY_IN_USE',
        'The first request with this Idempotency-Key is still under way. Ask again in a moment.',
        { retryAfterMs: 1_000 },
      );
    }
    await sleep(pauseMs, undefined, { signal: request.signal });
  }
}

async function doAndRemember(
  db: Db,
  { userId, key }: { userId: string; key: string },
  work: () => Promise<IdempotentAnswer>,
): Promise<IdempotentAnswer> {
  let answer: IdempotentAnswer;
  try {
    answer = await work();
  } catch (error) {
    const leave = error instanceof TerminalError ? releaseIdempotencyKey : abandonIdempotencyKey;
    await leaveSoon(() => leave(db, userId, key));
    throw error;
  }
  try {
    await saveIdempotentAnswer(db, { userId, key, status: answer.status, response: answer.body });
  } catch (error) {
    // The work is done and its answer is lost: the next request finds what is there.
    await leaveSoon(() => abandonIdempotencyKey(db, userId, key));
    throw error;
  }
  return answer;
}

/**
 * Lets go of a key at once or, where the database is away, as soon as it is
 * back: nobody waits for that, and a key that is still held when the patience
 * ends is taken over by a later request.
 */
async function leaveSoon(leave: () => Promise<void>): Promise<void> {
  try {
    await leave();
  } catch {
    persist(leave, { forMs: leaveMs }).catch(() => {});
  }
}

function keyOf(request: Request): string | null {
  const key = request.get('Idempotency-Key');
  if (key === undefined) return null;
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new TerminalError(
    'REQUEST_INVALID',
    'The header Idempotency-Key takes 1 to 255 visible ASCII characters. Use a UUID.',
  );
}
