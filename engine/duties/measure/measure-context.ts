import type pg from 'pg';
import type { DataQuota } from '../../../core/limits.ts';

/** What each duty of the meter gets. */
export interface MeasureContext {
  readonly pool: pg.Pool;
  readonly quota: DataQuota;
  /** The clock, in ms. */
  readonly now: () => number;
  readonly progress: MeasureProgress;
}

/** How far this process has looked. It only saves work: one that knows of nothing looks at everything. */
export interface MeasureProgress {
  /** Runs that ended before are measured; null: none is known to be. */
  since: Date | null;
}
