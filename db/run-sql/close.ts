/**
 * close: `runs` are the runs of `totals` as they are now. One with nothing left
 * is FAILED where a node has failed, else COMPLETED, and takes one more number
 * for the event that says so.
 *
 * Relies on the primary key.
 *
 * @param error what the run says failed, as SQL over `r`; the first one stays
 * @param more further columns to set: `, handled_failures = 1`
 */
export function closeRuns(error = 'null::text', more = ''): string {
  return `
  runs as (
    update workflow_runs r set
      unfinished_nodes = t.left_over, failed_nodes = t.failed_nodes, progressed_at = clock_timestamp(),
      error = coalesce(r.error, ${error}),
      last_seq = t.last_seq + t.changes + case when t.left_over = 0 then 1 else 0 end,
      status = case when t.left_over > 0 then r.status when t.failed_nodes > 0 then 'FAILED' else 'COMPLETED' end,
      finished_at = case when t.left_over = 0 then clock_timestamp() end${more}
      from totals t
     where r.id = t.id
    returning r.*
  )`;
}
