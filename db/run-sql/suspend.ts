import { currentAttempts } from './attempts.ts';
import { usageSum } from './usage.ts';

/**
 * `suspended`: RUNNING attempts of a CTE `input` (id, run_id, attempt, inputs, usage) become WAITING, whole rows, in runs
 * that are `locked`. Their worker lets go of them: no lease, no time limit and no sweep for dead workers concerns them.
 *
 * Locks   the attempts; after `lockRuns`.
 * Relies  on the primary key.
 *
 * @param ids the array parameter with the ids of `input`, such as `$3`
 * @param more further columns of `i` to return: `, i.wait`
 */
export function suspendAttempts(ids: string, more = ''): string {
  return `
  suspended as (
    update node_executions n set
      status = 'WAITING', worker_id = null, input_data = i.inputs, error = null, error_code = null,
      usage = ${usageSum('n.usage', 'i.usage')}
      ${currentAttempts(ids)}
    returning n.*${more}
  )`;
}
