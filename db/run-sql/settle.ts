import { nodePayload } from './events.ts';

/** Node executions that a statement has changed, as a CTE of their whole rows. */
interface Changes {
  /** The CTE, perhaps with a condition on its rows `n`: `released n where n.status <> 'PENDING'`. */
  readonly from: string;
  /** Whether the row is finished by this, as SQL; default `false`. */
  readonly ends?: string;
  /** Whether that is a failure, as SQL; default `false`. */
  readonly fails?: string;
}

/**
 * `changed`: the changes of all CTEs, numbered within their run in the order of
 * the CTEs. One CTE must not hold a row of another.
 */
export function numberChanges(...ctes: readonly Changes[]): string {
  const rows = ctes.map(
    ({ from, ends = 'false', fails = 'false' }, rank) =>
      `select n.run_id, ${rank} as rank, n.id, ${ends} as ends, ${fails} as fails, ${nodePayload('n')} as payload from ${from}`,
  );
  return `
  changed as (
    select c.*, row_number() over (partition by c.run_id order by c.rank, c.id)::integer as number from (
      ${rows.join('\n      union all\n      ')}
    ) c
  )`;
}

/**
 * `counted`: the runs of `changed` after changes that end no node.
 *
 * Relies  on the primary key.
 *
 * @param more further columns to set, as SQL over `r`
 */
export function countChanges(more = ''): string {
  return `
  counted as (
    update workflow_runs r set last_seq = r.last_seq + c.changes, progressed_at = clock_timestamp()${more}
      from (select n.run_id, count(*)::integer as changes from changed n group by n.run_id) c
     where r.id = c.run_id
    returning r.id, r.workflow_id, r.last_seq, r.status, r.parent_run_id, r.parent_execution_id
  )`;
}

/**
 * settle: `changed`, and `totals` with what that leaves of each run that is
 * `locked`: `left_over` nodes are unfinished, `failed_nodes` have failed. It is
 * materialized, so that many runs are not counted anew for each of them.
 */
export function settle(...ctes: readonly Changes[]): string {
  return `${numberChanges(...ctes)},
  totals as materialized (
    select l.id, l.last_seq, l.unfinished_nodes - t.ended as left_over, t.changes, l.failed_nodes + t.failures as failed_nodes
      from locked l join (
        select c.run_id, count(*)::integer as changes, (count(*) filter (where c.ends))::integer as ended,
               (count(*) filter (where c.fails))::integer as failures
          from changed c group by c.run_id
      ) t on t.run_id = l.id
  )`;
}
