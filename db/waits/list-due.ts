import type { WaitKind } from '../../core/run/wait.ts';
import { statement, type Queryable } from '../statement.ts';

/** An open wait whose time is over, or will be soon. */
export interface DueWait {
  /** The node execution that waits. */
  readonly id: string;
  readonly runId: string;
  readonly nodeId: string;
  readonly attempt: number;
  readonly kind: WaitKind;
  /** Whether what the node puts out then is stored with it; else it fails. */
  readonly hasOutputs: boolean;
  /** Milliseconds until its time is over, by the clock of the database; below 0: it is. */
  readonly inMs: number;
}

/*
 * Relies  on waits_due and the primary key.
 */
const due = statement<DueWait>(
  'list-due-waits',
  `select w.node_execution_id as id, w.run_id as "runId", n.node_id as "nodeId", w.attempt, w.kind,
          w.due_outputs is not null as "hasOutputs",
          (extract(epoch from (w.due_at - clock_timestamp())) * 1000)::double precision as "inMs"
     from waits w join node_executions n on n.id = w.node_execution_id
    where w.resolved_at is null and w.due_at < clock_timestamp() + make_interval(secs => $1 / 1000.0)
    order by w.due_at
    limit $2`,
);

/** Open waits whose time is over within `withinMs` from now, the earliest first. */
export function listDueWaits(on: Queryable, withinMs: number, limit: number): Promise<DueWait[]> {
  return due(on, [withinMs, limit]);
}
