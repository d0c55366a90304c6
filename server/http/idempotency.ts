import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request } from 'express';
import type pg from 'pg';
import { z } from 'zod';
import { RetryableError, TerminalError } from '../../core/errors/app-error.ts';
import { idempotencyKeyPattern } from '../../core/api/idempotency-key.ts';
import { canonicalJson } from '../../core/graph/canonical-json.ts';
import { forEverybody } from '../../db/acting-for.ts';
import type { Db } from '../../db/client.ts';
import { abandonIdempotencyKey, releaseIdempotencyKey } from '../../db/idempotency-keys/release.ts';
import { findIdempotencyKey } from '../../db/idempotency-keys/find.ts';
import { saveIdempotentAnswers, type SavedAnswer } from '../../db/idempotency-keys/save-answers.ts';
import { takeIdempotencyKeys, takeOverIdempotencyKey, type TakenKey } from '../../db/idempotency-keys/take.ts';
import { createGroupCommit } from '../../engine/group-commit.ts';
import { mayBeOneItem, persist } from '../../engine/outage.ts';

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

/** What is stored under a key and given again. */
export interface IdempotentAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** One request, or one piece of it, that is to have its effect once. */
export interface OnceRequest {
  /** Null: the work is simply done. */
  readonly key: string | null;
  readonly userId: string;
  /** What makes two requests the same; a key that comes back with another one is refused with IDEMPOTENCY_KEY_REUSED. */
  readonly fingerprint: unknown;
  readonly signal: AbortSignal;
  /** A first request that has not answered by then died with its server; the next one takes its place. */
  readonly abandonedMs: number;
}

/** Does what carries an Idempotency-Key once. Make one for each process: keys that come at once are taken together. */
export interface Once {
  /**
   * Does the work once for all requests of a user that carry the same key; the others get the first one's answer. A
   * refused request frees the key. Where the first request broke off, the next one does the work again for the same
   * `subjectId`, the id of what the work makes, and must find what is there: `isInherited` says that it may be. It is
   * looked for before anything is refused, for a refusal frees the key.
   */
  do(
    request: OnceRequest,
    work: (subjectId: string | undefined, isInherited: boolean) => Promise<IdempotentAnswer>,
  ): Promise<IdempotentAnswer & { readonly replayed: boolean }>;
}

const lanes = 2;
/** Small rows; more in one statement make it slower for all without fewer round trips that matter. */
const maxBatch = 256;

/** Keeps keys in the database, so that it holds for all servers together. */
export function createOnce({
  db,
  pool,
  newId,
}: {
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly newId: () => string;
}): Once {
  const together = {
    lanes,
    maxBatch,
    isApart: mayBeOneItem,
    ownerOf: ({ userId }: { readonly userId: string }) => userId,
  };
  const takes = createGroupCommit<TakenKey, boolean>({
    ...together,
    keyOf: ({ userId }) => userId,
    commit: (keys) => forEverybody(() => takeIdempotencyKeys(pool, keys)),
  });
  const saves = createGroupCommit<SavedAnswer, void>({
    ...together,
    keyOf: ({ userId }) => userId,
    commit: async (answers) => {
      await forEverybody(() => saveIdempotentAnswers(pool, answers));
      return answers.map(() => undefined);
    },
  });

  async function doAndRemember(
    { userId, key }: { readonly userId: string; readonly key: string },
    work: () => Promise<IdempotentAnswer>,
  ): Promise<IdempotentAnswer & { readonly replayed: boolean }> {
    let answer: IdempotentAnswer;
    try {
      answer = await work();
    } catch (error) {
      const leave = error instanceof TerminalError ? releaseIdempotencyKey : abandonIdempotencyKey;
      await leaveSoon(() => leave(db, userId, key));
      throw error;
    }
    try {
      await saves.submit({ userId, key, status: answer.status, response: answer.body });
    } catch (error) {
      // The work is done and its answer is lost: the next request finds what is there.
      await leaveSoon(() => abandonIdempotencyKey(db, userId, key));
      throw error;
    }
    return { ...answer, replayed: false };
  }

  return {
    do: async ({ key, userId, fingerprint, signal, abandonedMs }, work) => {
      if (key === null) return { ...(await work(undefined, false)), replayed: false };
      const requestHash = createHash('sha256').update(canonicalJson(fingerprint)).digest('hex');
      const deadline = performance.now() + waitMs;
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
        const subjectId = newId();
        if (await takes.submit({ userId, key, requestHash, subjectId })) {
          return doAndRemember({ userId, key }, () => work(subjectId, false));
        }
        const known = await findIdempotencyKey(pool, userId, key);
        if (known === null) continue;
        if (known.requestHash !== requestHash) {
          throw new TerminalError(
            'IDEMPOTENCY_KEY_REUSED',
            'This Idempotency-Key was used for another request. Use a new key for a new request.',
          );
        }
        if (known.status !== null) return { status: known.status, body: known.response, replayed: true };
        const inherited = await takeOverIdempotencyKey(db, { userId, key, abandonedMs });
        if (inherited !== null) return doAndRemember({ userId, key }, () => work(inherited, true));
        if (performance.now() > deadline) {
          throw new RetryableError(
            'IDEMPOTENCY_KEY_IN_USE',
            'The first request with this Idempotency-Key is still under way. Ask again in a moment.',
            { retryAfterMs: 1_000 },
          );
        }
        await sleep(pauseMs, undefined, { signal });
      }
    },
  };
}

/**
 * Lets go of a key at once or, where the database is away, as soon as it is
 * back: nobody waits for that, and a key that is still held when the patience
 * ends is taken over by a later request. A request that was given up does so, too.
 */
function leaveSoon(leave: () => Promise<void>): Promise<void> {
  return forEverybody(async () => {
    try {
      await leave();
    } catch {
      persist(leave, { forMs: leaveMs }).catch(() => {});
    }
  });
}

/** The key in the header; null where there is none. Throws REQUEST_INVALID. */
export function idempotencyKeyOf(request: Request): string | null {
  const key = request.get('Idempotency-Key');
  if (key === undefined) return null;
  if (idempotencyKeyPattern.test(key)) return key;
  throw new TerminalError(
    'REQUEST_INVALID',
    'The header Idempotency-Key takes 1 to 255 visible ASCII characters. Use a UUID.',
  );
}
