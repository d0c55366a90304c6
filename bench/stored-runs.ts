import type pg from 'pg';

/** How the stored runs are spread. */
const users = 100;
const workflowsPerUser = 10;
/** Rows of one insert: large enough to be fast, small enough for the statement's time limit. */
const batch = 20_000;

/** Stores finished runs of two nodes with their events, as a year of use leaves them; the newest ended just now. */
export async function storeRuns(pool: pg.Pool, runs: number): Promise<void> {
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
  for (let from = 0; from < runs; from += batch) {
    await pool.query(
      `with numbered as (
         select n, gen_random_uuid() as id, $3::integer + n % $4::integer as workflow_id,
                now() - make_interval(secs => ($2::integer - n) * 30.0) as at
           from generate_series($1::integer, least($1 + ${batch}, $2) - 1) n
       ),
       stored as (
         insert into workflow_runs (id, workflow_id, workflow_version_id, user_id, status, unfinished_nodes, last_seq,
                                    created_at, started_at, progressed_at, deadline_at, finished_at)
         select r.id, r.workflow_id, v.id, w.user_id, 'COMPLETED', 0, 6, r.at, r.at, r.at, r.at + interval '1 hour', r.at
           from numbered r join workflow_versions v on v.workflow_id = r.workflow_id join workflows w on w.id = r.workflow_id
          order by r.n
         returning id, created_at
       ),
       nodes as (
         insert into node_executions (id, run_id, node_id, node_type, pool, status, pending_dependencies, dependencies,
                                      dependents, fingerprint, timeout_ms, input_data, output_data, queued_at, started_at, finished_at, duration)
         select gen_random_uuid(), r.id, x.node_id, 'delay', 'io', 'COMPLETED', 0, '{}', '{}', md5(r.id::text) || md5(x.node_id),
                60000, '{}', '{"output": "stored"}', r.created_at, r.created_at, r.created_at, 0
           from stored r cross join (values ('a'), ('b')) as x(node_id)
         returning id, run_id, node_id
       )
       insert into run_events (run_id, seq, type, node_execution_id, payload)
       select r.id, case s when 'RUNNING' then 1 else 6 end, 'run.updated', null::uuid, jsonb_build_object('status', s)
         from stored r cross join unnest(array['RUNNING', 'COMPLETED']) s
       union all
       select n.run_id, case n.node_id when 'a' then 2 else 4 end + case s when 'RUNNING' then 0 else 1 end,
              'node.updated', n.id, jsonb_build_object('status', s)
         from nodes n cross join unnest(array['RUNNING', 'COMPLETED']) s`,
      [from, runs, first, users * workflowsPerUser],
    );
  }
  // As autovacuum keeps them.
  for (const table of ['workflow_runs', 'node_executions', 'run_events', 'workflows', 'workflow_versions']) {
    await pool.query(`vacuum (analyze) ${table}`);
  }
}
