import type pg from 'pg';
import type { Claim } from '../db/run-sql/result.ts';
import { findBegun } from '../db/runs/find-begun.ts';
import { persist } from '../engine/outage.ts';

interface ClaimingRequest {
  /** Runs whose first nodes are claimed. */
  readonly runIds: readonly string[];
  /** The session that claims; null: nothing is claimed. */
  readonly workerId: string | null;
  /** Whether this process executes an attempt of the node execution. */
  readonly isActive: (id: string) => boolean;
  /** A statement that may have claimed was not answered. */
  readonly onUnanswered: () => void;
}

/** As long as a claim waits for Postgres. */
const persistMs = 20_000;

/**
 * Sends a statement that claims first nodes of runs, for 20 s. What was claimed by one that was committed and not answered
 * is among the claims where the same is sent again.
 */
export function persistClaims<Answer extends { readonly claims: readonly Claim[] }>(
  pool: pg.Pool,
  { runIds, workerId, isActive, onUnanswered }: ClaimingRequest,
  send: () => Promise<Answer>,
): Promise<Answer> {
  let isRepeat = false;
  return persist(
    async () => {
      const answer = await send();
      if (!isRepeat || workerId === null) return answer;
      const heard = new Set(answer.claims.map(({ id }) => id));
      const found = await findBegun(pool, runIds, workerId, (id) => heard.has(id) || isActive(id));
      return { ...answer, claims: [...answer.claims, ...found] };
    },
    {
      forMs: persistMs,
      onRetry: () => {
        isRepeat = true;
        onUnanswered();
      },
    },
  );
}
