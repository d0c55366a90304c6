/**
 * Behind a `from`: the node executions `n` of all runs `r` that have their turn
 * and are unfinished. It reads each of those, and no finished one.
 *
 * Relies on workflow_runs_active and node_executions (run_id, node_id).
 */
export const activeNodes = `workflow_runs r join node_executions n
       on n.run_id = r.id and r.finished_at is null and r.admitted_at is not null`;

/**
 * Behind a `from`: the unfinished runs of a user and their parts, with their turn or without.
 * Each index holds the one or the other, so they are two questions.
 *
 * Relies on workflow_runs_active and workflow_runs_waiting.
 *
 * @param userId the parameter with the user's id, such as `$1`
 */
export function unfinishedRunsOf(userId: string): string {
  const those = (turn: string) =>
    `select * from workflow_runs where user_id = ${userId} and finished_at is null and admitted_at ${turn}`;
  return `(${those('is not null')} union all ${those('is null')})`;
}
