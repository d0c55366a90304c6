/**
 * Behind the `set` of an update of `node_executions n`: the attempts of a CTE
 * `input` (id, run_id, attempt) that are still the current ones and in `status`, in
 * runs that are `locked`. The attempt's number fences off whoever was rescued from.
 *
 * Locks   the attempts; join it after `lockRuns`.
 * Relies  on the primary key.
 *
 * @param ids the array parameter with the ids of `input`, such as `$3`
 * @param status default RUNNING
 */
export function currentAttempts(ids: string, status: 'RUNNING' | 'WAITING' = 'RUNNING'): string {
  return `from input i join locked l on l.id = i.run_id, gate
     where n.id = any (${ids}::uuid[]) and n.id = i.id and n.attempt = i.attempt and n.status = '${status}' and l.status = 'RUNNING'`;
}

/** In the `set` of an update: the attempt ends now. Its duration in milliseconds is null where it never started. */
export function endNow(alias: string): string {
  return `finished_at = clock_timestamp(),
      duration = greatest(0, round(extract(epoch from (clock_timestamp() - ${alias}.started_at)) * 1000))::integer`;
}
