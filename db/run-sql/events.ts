/*
 * events: one row of run_events per change, numbered on from the run's last_seq.
 */

/** `events`: inserts what the parts select. */
export function events(...parts: readonly string[]): string {
  return `
  events as (
    insert into run_events (run_id, seq, type, node_execution_id, payload)
    ${parts.join('\n    union all\n    ')}
  )`;
}

/** An event for each row of `changed`, of runs that are `locked`; `before` events of the run come first. */
export function nodeEvents(before = 0): string {
  return `select c.run_id, l.last_seq + c.number + ${before}, 'node.updated', c.id, c.payload
      from changed c join locked l on l.id = c.run_id`;
}

/**
 * An event for each run.
 *
 * @param from where the whole rows `r` of the runs are, perhaps with a condition: `runs r where r.finished_at is not null`
 * @param seq default: the run's last number
 */
export function runEvents(from: string, seq = 'r.last_seq'): string {
  return `select r.id, ${seq}, 'run.updated', null, ${runPayload('r')} from ${from}`;
}

/**
 * The payload of a `node.updated` row. Outputs and inputs are not in it: once
 * they are there they never change, so readers join them from node_executions.
 */
export function nodePayload(alias: string): string {
  return `jsonb_build_object(
    'status', ${alias}.status, 'attempt', ${alias}.attempt, 'cached', ${alias}.cached,
    'error', ${alias}.error, 'errorCode', ${alias}.error_code, 'workerId', ${alias}.worker_id,
    'queuedAt', ${alias}.queued_at, 'startedAt', ${alias}.started_at, 'finishedAt', ${alias}.finished_at,
    'duration', ${alias}.duration)`;
}

/** The payload of a `run.updated` row. */
function runPayload(alias: string): string {
  return `jsonb_build_object(
    'status', ${alias}.status, 'error', ${alias}.error,
    'startedAt', ${alias}.started_at, 'finishedAt', ${alias}.finished_at)`;
}
