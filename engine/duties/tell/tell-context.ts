import type pg from 'pg';
import type { Logger } from '../../../core/node-type/executor.ts';

/** What each duty that tells other addresses of runs gets. */
export interface TellContext {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  /** Reaches addresses that users give, and none that they may not. */
  readonly fetch: typeof globalThis.fetch;
  /** The secrets that messages of a callback are signed with, the present one first; null where they cannot be read. */
  readonly secretsOf: (callbackId: string, sealed: Buffer) => readonly string[] | null;
  /** A run as its owner reads it, with its outputs by name; null where it was deleted. */
  readonly describeRun: (userId: string, runId: string) => Promise<object | null>;
  /** A question as its owner reads it; null where it is gone. */
  readonly describeWait: (userId: string, waitId: string) => Promise<object | null>;
  /** The address at which whoever has it may answer a question; null: nobody may, or it is over. */
  readonly answerUrlOf: (userId: string, waitId: string) => Promise<string | null>;
  readonly userAgent: string;
  /** What time it is; null: by the clock of the database. */
  readonly now: () => Date | null;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Messages at once. */
export const batchSize = 20;
