import type pg from 'pg';

/** The database's own clock. */
export async function clockOf(pool: pg.Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  return rows[0]!.now;
}

/** Throws where a run started since then did not complete. Reads these alone: all runs of a long history take a second. */
export async function refuseBadRuns(pool: pg.Pool, since: Date): Promise<void> {
  const { rows } = await pool.query<{ id: string; status: string }>(
    `select id, status from workflow_runs
      where parent_run_id is null and created_at >= $1 and status in ('FAILED', 'CANCELLED') limit 1`,
    [since],
  );
  if (rows.length > 0) throw new Error(`Run ${rows[0]!.id} did not complete: it is ${rows[0]!.status}.`);
}
