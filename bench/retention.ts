import type pg from 'pg';
import { deleteOldRunsOfWorkflow } from '../db/runs/delete-old.ts';
import { dropEventPeriods, type LeftEvents } from '../db/run-events/drop-periods.ts';
import { earlyName, lateName, listEventPartitions } from '../db/run-events/partitions.ts';
import type { Finding } from './findings.ts';
import { median, milliseconds } from './statistics.ts';

/** As many as the cleaner deletes in one statement. */
const runsAtOnce = 100;

/**
 * Deletes the oldest period of a stored history: the runs of some workflows with their events, those of as many others
 * without, in turn; then those that are left, and drops the period. How long one period takes both ways follows from that.
 *
 * @param turns of each way
 * @param statements of a turn
 */
export async function measureRetention(pool: pg.Pool, turns: number, statements: number): Promise<Finding[]> {
  const oldest = (await listEventPartitions(pool)).find(({ name }) => name !== earlyName && name !== lateName)!;
  const range = [oldest.from, oldest.to];
  const { rows: workflows } = await pool.query<{ id: number }>(
    'select distinct workflow_id as id from workflow_runs where id >= $1 and id < $2 order by 1',
    range,
  );
  const { rows: counts } = await pool.query<{ runs: string; bytes: string; days: number }>(
    `select count(*) as runs, pg_total_relation_size($3::regclass) as bytes,
            floor(extract(epoch from clock_timestamp() - max(created_at)) / 86400)::integer as days
       from workflow_runs where id >= $1 and id < $2`,
    [...range, oldest.name],
  );
  const { runs, bytes, days } = counts[0]!;
  let next = 0;
  const someRuns = async (left: LeftEvents | null) => {
    let [deleted, ms] = [0, 0];
    for (let done = 0; done < statements; done += 1, next += 1) {
      const { id } = workflows[next % workflows.length]!;
      ms += await milliseconds(async () => {
        deleted += await deleteOldRunsOfWorkflow(pool, id, { days, perWorkflow: null }, runsAtOnce, left);
      });
    }
    return (ms * 1_000) / deleted;
  };
  const costs = { apart: [] as number[], together: [] as number[] };
  for (let turn = 0; turn < turns; turn += 1) {
    costs.apart.push(await someRuns(oldest));
    costs.together.push(await someRuns(null));
  }
  const events = await pool.query<{ count: string }>(
    `select count(*) as count from ${oldest.name} e where not exists (select from workflow_runs r where r.id = e.run_id)`,
  );
  await deleteRest(pool, range);
  const dropped = await milliseconds(() => dropEventPeriods(pool, days));
  if ((await listEventPartitions(pool)).some(({ name }) => name === oldest.name))
    throw new Error('nothing was dropped');
  const seconds = (perRun: number) => (perRun * Number(runs)) / 1e6;
  const shares = costs.apart.map((cost, turn) => cost / costs.together[turn]!);
  return [
    { name: 'deleting a run, its events left behind', value: median(costs.apart), unit: 'µs', turns: costs.apart },
    { name: 'deleting a run with its events', value: median(costs.together), unit: 'µs', turns: costs.together },
    { name: 'the first against the second', value: median(shares), unit: 'x', turns: shares },
    {
      name: `a month of ${Number(runs).toLocaleString('en')} runs, its events dropped`,
      value: seconds(median(costs.apart)) + dropped / 1_000,
      unit: 's',
      turns: [],
    },
    { name: 'the same with its events row by row', value: seconds(median(costs.together)), unit: 's', turns: [] },
    {
      name: `dropping the period (${Math.round(Number(bytes) / 1e6)} MB, ${events.rows[0]!.count} events left over)`,
      value: dropped,
      unit: 'ms',
      turns: [],
    },
  ];
}

/** What the turns left of the runs of a period; not measured, so without looking up what refers to them. */
async function deleteRest(pool: pg.Pool, range: readonly string[]): Promise<void> {
  const connection = await pool.connect();
  try {
    await connection.query(`set session_replication_role = replica`);
    await connection.query('delete from node_executions where run_id >= $1 and run_id < $2', [...range]);
    await connection.query('delete from workflow_runs where id >= $1 and id < $2', [...range]);
  } finally {
    connection.release(true);
  }
}
