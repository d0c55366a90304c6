/** Names in the message of a skipped node; what fails beyond is told as "and more". */
const maxNamed = 20;

/** Why a node is skipped: names that are quoted already, as an array. */
const because = (names: string) =>
  `'Skipped because it depends on what failed: ' || array_to_string((${names})[1:${maxNamed}], ', ')
        || case when cardinality(${names}) > ${maxNamed} then ' and more.' else '.' end`;

/**
 * skip: whatever depends on the rows of the CTE `uncaught`, near or far, becomes
 * SKIPPED and names what failed. What was skipped before, for another failure,
 * names this one too: whoever mends only the first would run into the second.
 * Needs `with recursive`; gives `skipped` with `is_new`.
 *
 * Whether a node was skipped now or before stands in its message: one that was
 * added to is longer than what is made of these failures alone. Its status
 * before cannot be asked for, since the rows that a statement reads are those of
 * before it waited for its locks.
 *
 * Locks   all dependents of the attempts.
 * Relies  on node_executions (run_id, node_id).
 */
export const skipDependents = `
  downstream as (
    select f.run_id, x.node_id, coalesce(nullif(f.node_label, ''), f.node_id) as because from uncaught f cross join unnest(f.dependents) as x(node_id)
    union
    select d.run_id, x.node_id, d.because
      from downstream d
      join node_executions n on n.run_id = d.run_id and n.node_id = d.node_id
      cross join unnest(n.dependents) as x(node_id)
  ),
  reasons as (
    select d.run_id, d.node_id, array_agg('"' || d.because || '"' order by d.because) as names
      from downstream d group by d.run_id, d.node_id
  ),
  skipped as (
    update node_executions n set
      status = 'SKIPPED', finished_at = coalesce(n.finished_at, clock_timestamp()), error_code = 'DEPENDENCY_FAILED',
      error = case
        when n.status = 'PENDING' then ${because('s.names')}
        when cardinality(string_to_array(n.error, '", "')) + cardinality(s.names) > ${maxNamed}
          then left(n.error, -1) || ' and more.'
        else left(n.error, -1) || ', ' || array_to_string(s.names, ', ') || '.' end
      from reasons s
     where n.run_id = s.run_id and n.node_id = s.node_id
       and (n.status = 'PENDING' or n.status = 'SKIPPED' and n.error not like '% and more.')
    returning n.*, n.error = ${because('s.names')} as is_new
  )`;
