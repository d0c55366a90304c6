import type { RowStarterDependencies } from '../../batches/start-row.ts';

/** What each duty that feeds batches gets. */
export interface FeedContext extends RowStarterDependencies {
  /** Runs of one user that may be under way at once. */
  readonly maxActiveRunsPerUser: number;
  /** Hears that rows were started, or have ended: more will soon. */
  readonly onRows?: () => void;
}

/** Rows in one statement. */
export const batchSize = 100;
