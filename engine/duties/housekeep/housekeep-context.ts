import type pg from 'pg';
import type { Db } from '../../../db/client.ts';

/** What each duty of the housekeeper gets. */
export interface HousekeepContext {
  readonly db: Db;
  /** The pool under `db`. */
  readonly pool: pg.Pool;
}
