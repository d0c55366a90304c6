import { activeNodes } from '../run-sql/active.ts';
import { statement, type Queryable } from '../statement.ts';

const remove = statement('delete-worker-session', `delete from workers where id = $1`);

/** Ends a session whose attempts are all recorded or handed back. */
export async function deleteWorkerSession(on: Queryable, id: string): Promise<void> {
  await remove(on, [id]);
}

const removeLost = statement(
  'delete-lost-worker-sessions',
  `delete from workers w
    where w.expired_at < clock_timestamp() - make_interval(secs => $1 / 1000.0)
      and not exists (select from ${activeNodes}
                       where n.worker_id = w.id and n.status = 'RUNNING')`,
);

/** Deletes sessions that expired long ago and whose attempts have all been rescued. */
export async function deleteLostWorkerSessions(on: Queryable, afterMs: number): Promise<void> {
  await removeLost(on, [afterMs]);
}
