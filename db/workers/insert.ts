import { statement, type Queryable } from '../statement.ts';

/*
 * Worker sessions and their leases.
 *
 * One row and one heartbeat per worker process cover all the attempts it runs.
 * A lease is alive while the heartbeat is younger than the lease time, by the
 * clock of the database. A session that was expired once never comes back: its
 * process starts a new one.
 */

/** A worker process that begins a session. */
export interface NewWorkerSession {
  readonly id: string;
  readonly hostname: string;
  readonly pid: number;
  readonly version: string;
  readonly pools: readonly string[];
  readonly concurrency: number;
  /** Whether it runs attempts that were there at two deaths in processes of their own. Default false. */
  readonly isolates?: boolean;
  /** The session whose process started this one, for one attempt. Default none. */
  readonly parentId?: string | undefined;
}

const insert = statement(
  'insert-worker-session',
  `insert into workers (id, hostname, pid, version, pools, concurrency, isolates, parent_id)
   values ($1, $2, $3, $4, $5, $6, $7, $8)`,
);

/** The first heartbeat is now, by the clock of the database. */
export async function insertWorkerSession(on: Queryable, session: NewWorkerSession): Promise<void> {
  const { id, hostname, pid, version, pools, concurrency, isolates = false, parentId = null } = session;
  await insert(on, [id, hostname, pid, version, pools, concurrency, isolates, parentId]);
}
