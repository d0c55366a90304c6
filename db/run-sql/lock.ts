/*
 * A statement that changes the status of node executions or runs is put together
 * from the fragments of this folder:
 *
 *   1. lock     the runs it touches, before it changes anything, so that two
 *               statements never deadlock and `seq` has no gaps and no reordering;
 *   2. its own  change of rows, guarded by status and attempt (perhaps `skip`);
 *   3. settle   numbers the changes and counts what they leave of each run;
 *   4. close    ends the runs in which nothing is left;
 *   5. events   one row of run_events per change;
 *   6. result   what the caller needs of it, as JSON.
 *
 * A fragment is one or more CTEs, named in its comment. None ends in a comma.
 */

/**
 * lock: `locked` are those of the runs in an array parameter, such as `$2`, that
 * are unfinished. `gate` has one row and is there only once all of them are
 * locked: join it before changing anything. `for no key update` leaves room for
 * the foreign keys' own locks.
 *
 * The status is looked at after the rows were found: rows are always found by
 * arrays of ids, which is a look-up in the primary key whatever the statistics
 * say.
 *
 * Locks   the runs, in id order.
 * Relies  on the primary key.
 */
export function lockRuns(ids: string): string {
  return `
  locked as materialized (
    select * from (
      select r.id, r.workflow_id, r.workflow_version_id, r.user_id, r.use_cache, r.last_seq, r.status,
             r.unfinished_nodes, r.failed_nodes, r.admitted_at
        from workflow_runs r
       where r.id = any (${ids}::uuid[])
       order by r.id
         for no key update
    ) l where l.status in ('PENDING', 'RUNNING')
  ),
  gate as materialized (select count(*) as runs from locked)`;
}
