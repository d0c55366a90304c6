import type pg from 'pg';
import type { Logger } from '../core/node-type/executor.ts';
import {
  advanceNodeExecutions,
  type Advanced,
  type ClaimRequest,
  type Completion,
  type Continuation,
} from '../db/nodes/advance.ts';
import type { ChangedRun, ReadyNode, Claim } from '../db/run-sql/result.ts';
import { findUnanswered } from '../db/nodes/find-unanswered.ts';
import { mayBeOneItem, persist } from '../engine/outage.ts';
import { createGroupCommit } from '../engine/group-commit.ts';
import type { WorkPointListener } from './work-points.ts';

/**
 * Claims attempts and records finished ones, in groups: one statement carries
 * what all jobs of the process have to say about the runs of a lane.
 */
export interface Advance {
  /** Null: somebody else has the attempt, or it is over. */
  claim(request: ClaimRequest): Promise<Claim | null>;
  complete(completion: Completion): Promise<Completed>;
  idle(): Promise<void>;
}

/** What a completion came to. */
export interface Completed {
  /** False: the attempt was not ours any more, its result is dropped. */
  readonly isRecorded: boolean;
  /** Attempts that are ours by this completion: to be executed now. */
  readonly continuations: readonly Continuation[];
  /** Resolves when the jobs of what became ready were added; one promise for the whole batch. */
  readonly released: Promise<void>;
}

interface AdvanceDependencies {
  readonly pool: pg.Pool;
  /** The session that claims; changes when a lease was lost. */
  readonly workerId: () => string;
  readonly logger: Logger;
  /** Hears of every run that a batch changed. */
  readonly onChanged: (runs: readonly ChangedRun[]) => void;
  /** Hears that a batch was sent again or given up: what it came to may not be known. */
  readonly onRepeat: () => void;
  /** Whether this process executes an attempt of the node execution. */
  readonly isActive: (id: string) => boolean;
  /** Gives what became ready to the queue. */
  readonly release: (ready: readonly ReadyNode[]) => Promise<void>;
  readonly at?: WorkPointListener | undefined;
}

type Item = { readonly claim: ClaimRequest } | { readonly completion: Completion };
type Result = { readonly claim: Claim | null } | { readonly completed: Completed };

const lanes = 2;
/** More rows in one statement make it slower for all without fewer round trips that matter. */
const maxBatch = 200;
/** A claim waits so long for Postgres; then the job ends and the sweeper repairs. */
const claimPersistMs = 20_000;
/** A record outlives an outage of this length; after that the sweeper hands the attempt to somebody else anyway. */
const recordPersistMs = 60_000;

/** Two statements under way at once, each for whatever has collected meanwhile. */
export function createAdvance(dependencies: AdvanceDependencies): Advance {
  const { pool, logger, workerId, onChanged, onRepeat, isActive, release, at } = dependencies;

  async function commit(items: readonly Item[]): Promise<Result[]> {
    const completions = items.flatMap((item) => ('completion' in item ? [item.completion] : []));
    const claims = items.flatMap((item) => ('claim' in item ? [item.claim] : []));
    let isRepeat = false;
    const work = async () => {
      const answer = await advanceNodeExecutions(pool, workerId(), { completions, claims });
      return isRepeat ? await withUnanswered(answer, { completions, claims }) : answer;
    };
    const advanced = await persist(work, {
      forMs: completions.length > 0 ? recordPersistMs : claimPersistMs,
      onRetry: (error) => {
        isRepeat = true;
        onRepeat();
        logger.warn({ err: error }, 'the database did not answer to claims and records; trying again');
      },
    });
    if (advanced.recorded.length > 0) at?.('after-record');
    onChanged(advanced.runs);
    return resultsOf(items, advanced, releaseAll(advanced.ready));
  }

  /** A repeated batch may have been committed before: what it came to then is an answer as well. */
  async function withUnanswered(
    answer: Advanced,
    { completions, claims }: { readonly completions: readonly Completion[]; readonly claims: readonly ClaimRequest[] },
  ): Promise<Advanced> {
    const recorded = new Set(answer.recorded);
    const claimed = new Set(answer.claims.map(({ id }) => id));
    const unanswered = {
      completions: completions.filter(({ id }) => !recorded.has(id)),
      claims: claims.filter(({ id }) => !claimed.has(id)),
    };
    if (unanswered.completions.length + unanswered.claims.length === 0) return answer;
    const found = await findUnanswered(pool, workerId(), unanswered, isActive);
    const changed = new Set(answer.runs.map(({ runId }) => runId));
    return {
      recorded: [...answer.recorded, ...found.recorded],
      runs: [...answer.runs, ...found.runs.filter(({ runId }) => !changed.has(runId))],
      ready: [...answer.ready, ...found.ready],
      continuations: [...answer.continuations, ...found.continuations],
      claims: [...answer.claims, ...found.claims],
    };
  }

  function releaseAll(ready: readonly ReadyNode[]): Promise<void> {
    if (ready.length === 0) return Promise.resolve();
    const released = release(ready);
    // Awaited by each attempt of the batch; this keeps a rejection from being unhandled when there is none.
    released.catch(() => {});
    return released;
  }

  const commits = createGroupCommit<Item, Result>({
    commit,
    lanes,
    maxBatch,
    keyOf: (item) => ('claim' in item ? item.claim.runId : (item.completion.lane ?? item.completion.runId)),
    isApart: mayBeOneItem,
  });

  async function submit(item: Item): Promise<Result> {
    return commits.submit(item).catch((error: unknown) => {
      onRepeat();
      throw error;
    });
  }

  return {
    claim: async (request) => {
      const result = await submit({ claim: request });
      return 'claim' in result ? result.claim : null;
    },
    complete: async (completion) => {
      const result = await submit({ completion });
      if (!('completed' in result)) throw new Error('A completion was answered as a claim.');
      return result.completed;
    },
    idle: () => commits.idle(),
  };
}

function resultsOf(items: readonly Item[], advanced: Advanced, released: Promise<void>): Result[] {
  const claimed = new Map(advanced.claims.map((claim) => [claim.id, claim]));
  const recorded = new Set(advanced.recorded);
  return items.map((item) => {
    if ('claim' in item) {
      const claim = claimed.get(item.claim.id);
      if (claim?.attempt !== item.claim.attempt) return { claim: null };
      // Two jobs of one attempt may be in one batch: a queue that lost it got it again. One of them has it.
      claimed.delete(claim.id);
      return { claim };
    }
    const { id } = item.completion;
    return {
      completed: {
        isRecorded: recorded.has(id),
        continuations: advanced.continuations.filter(({ after }) => after === id),
        released,
      },
    };
  });
}
