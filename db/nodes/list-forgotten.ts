import { activeNodes } from '../run-sql/active.ts';
import { statement, type Queryable } from '../statement.ts';

interface ForgottenAttempt {
  readonly id: string;
  readonly runId: string;
  readonly nodeId: string;
  readonly attempt: number;
  /** How often it was handed back for that before. */
  readonly unrecordedCount: number;
}

/*
 * RUNNING attempts of a worker session that the worker does not know of: the
 * answer to the statement that claimed them was lost with its connection.
 *
 * Relies  on workflow_runs_active and node_executions (run_id, node_id): reads
 *         every unfinished run, so it is for after a lost answer, and now and then.
 */
const find = statement<ForgottenAttempt>(
  'list-forgotten-attempts',
  `select n.id, n.run_id as "runId", n.node_id as "nodeId", n.attempt, n.unrecorded_count as "unrecordedCount"
     from ${activeNodes}
    where n.status = 'RUNNING' and n.worker_id = $1
      and n.started_at < clock_timestamp() - make_interval(secs => $2 / 1000.0)
      and not exists (select from unnest($3::uuid[], $4::integer[]) as k(id, attempt)
                       where k.id = n.id and k.attempt = n.attempt)`,
);

/**
 * @param known the attempts that the worker is busy with
 * @param sinceMs an attempt claimed later than this may still be on its way to the worker
 */
export function listForgottenAttempts(
  on: Queryable,
  workerId: string,
  { known, sinceMs }: { readonly known: readonly { id: string; attempt: number }[]; readonly sinceMs: number },
): Promise<ForgottenAttempt[]> {
  return find(on, [workerId, sinceMs, known.map(({ id }) => id), known.map(({ attempt }) => attempt)]);
}
