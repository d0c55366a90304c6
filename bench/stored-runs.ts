import type pg from 'pg';
import { makeEventPeriods } from '../db/run-events/make-periods.ts';

/** How the stored runs are spread. */
const users = 100;
const workflowsPerUser = 10;
/** Rows of one insert: large enough to be fast, small enough for the statement's time limit. */
const batch = 20_000;
/** The history spans so many days, however many runs there are. */
export const storedDays = 360;
const dayMs = 86_400_000;

/** What each stored run has. */
export interface StoredShape {
  readonly nodes: number;
  /** Of the run and of each of its nodes. */
  readonly events: 'start and end' | 'end';
}

/** Ids as the programs make them, of the moment `at`. */
const idAt = (at: string) =>
  `encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
            placing substring(int8send((extract(epoch from ${at}) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid`;

/**
 * Stores finished runs with their events, as a year of use leaves them, in the periods that the cleaner makes; the newest
 * ended just now. Default: of two nodes, each with the events of its start and its end.
 */
export async function storeRuns(
  pool: pg.Pool,
  runs: number,
  { nodes, events }: StoredShape = { nodes: 2, events: 'start and end' },
): Promise<void> {
  await pool.query(
    `insert into users (id, email) select 'stored-' || u, 'stored-' || u || '@example.org' from generate_series(1, $1::integer) u
     on conflict do nothing`,
    [users],
  );
  const { rows } = await pool.query<{ first: number }>(
    `with w as (
       insert into workflows (name, data, user_id)
       select 'stored ' || n, '{"nodes":[],"edges":[]}', 'stored-' || (1 + n % $1) from generate_series(0, $1 * $2::integer - 1) n
       returning id
     ) select min(id) as first from w`,
    [users, workflowsPerUser],
  );
  const first = rows[0]!.first;
  await pool.query(
    `insert into workflow_versions (id, workflow_id, content_hash, data)
     select gen_random_uuid(), $1::integer + n, lpad(n::text, 64, '0'), '{"nodes":[],"edges":[]}' from generate_series(0, $2::integer - 1) n`,
    [first, users * workflowsPerUser],
  );
  const end = Date.now();
  const apartMs = (storedDays * dayMs) / runs;
  const told = events === 'end' ? ['COMPLETED'] : ['RUNNING', 'COMPLETED'];
  const connection = await pool.connect();
  try {
    // The rows fit each other: what refers to what is not looked up ten million times.
    await connection.query(`set synchronous_commit = off; set session_replication_role = replica`);
    for (let from = 0; from < runs; from += batch) {
      const to = Math.min(from + batch, runs);
      await makeEventPeriods(pool, null, end - (runs - to) * apartMs);
      await connection.query(
        `with numbered as materialized (
           select n, $3::integer + n % $4::integer as workflow_id, to_timestamp(($5::double precision - ($2::integer - n) * $6::double precision) / 1000) as at
             from generate_series($1::integer, $7::integer - 1) n
         ),
         made as materialized (
           select *, ${idAt('at')} as id from numbered
         ),
         stored as (
           insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, status, unfinished_nodes, last_seq,
                                      created_at, started_at, progressed_at, deadline_at, finished_at)
           select r.id, r.workflow_id, v.id, w.user_id, 'COMPLETED', 0, cardinality($8::text[]) * (1 + $9::integer),
                  r.at, r.at, r.at, r.at + interval '1 hour', r.at
             from made r join workflow_versions v on v.workflow_id = r.workflow_id join workflows w on w.id = r.workflow_id
            order by r.n
         ),
         nodes as materialized (
           select r.n, r.id as run_id, r.at, gen_random_uuid() as id, number from made r cross join generate_series(1, $9::integer) as number
         ),
         stored_nodes as (
           insert into node_executions (id, run_id, node_id, node_type, pool, status, pending_dependencies, dependencies,
                                        dependents, fingerprint, timeout_ms, input_data, output_data, queued_at, started_at, finished_at, duration)
           select n.id, n.run_id, 'n' || n.number, 'delay', 'io', 'COMPLETED', 0, '{}', '{}', md5(n.run_id::text) || md5(n.number::text),
                  60000, '{}', '{"output": "stored"}', n.at, n.at, n.at, 0
             from nodes n
         )
         insert into run_events (run_id, seq, type, node_execution_id, payload)
         select e.id, row_number() over (partition by e.id), e.type, e.node, jsonb_build_object('status', s)
           from (select n, id, 'run.updated' as type, null::uuid as node from made
                 union all select n, run_id, 'node.updated', id from nodes) e cross join unnest($8::text[]) s
          order by e.n`,
        [from, runs, first, users * workflowsPerUser, end, apartMs, to, told, nodes],
      );
    }
    await connection.query(`reset synchronous_commit; reset session_replication_role`);
  } finally {
    connection.release();
  }
  // As autovacuum keeps them.
  for (const table of ['workflow_runs', 'node_executions', 'run_events', 'workflows', 'workflow_versions']) {
    await pool.query(`vacuum (analyze) ${table}`);
  }
}
