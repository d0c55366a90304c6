import { claimsOf, recordedOf, releasedOf, runsOf } from '../run-sql/result.ts';
import { batchOf, idsOf, statement, type Queryable } from '../statement.ts';
import { advancedOf, type Advanced, type AdvancedRow, type ClaimRequest, type Completion } from './advance.ts';

/*
 * What a worker's claims and completions came to whose answer was lost with its
 * connection: the statement was committed, and repeating it changes nothing. A
 * claim that is wanted and already this session's was made by the lost
 * statement; so were the completion of an attempt under this session, and what
 * that made ready, also behind what a branch skipped.
 *
 * Relies  on the primary keys and node_executions (run_id, node_id).
 */
const find = statement<AdvancedRow>(
  'find-unanswered',
  `with recursive claimed as (
    select n.*, r.workflow_id, r.workflow_version_id, r.user_id, r.use_cache
      from jsonb_to_recordset($1::jsonb) as i(id uuid, attempt integer)
      join node_executions n on n.id = i.id
      join workflow_runs r on r.id = n.run_id
     where n.id = any ($4::uuid[]) and n.attempt = i.attempt and n.status = 'RUNNING' and n.worker_id = $3
  ),
  done as (
    select n.*, i."continuesIn" as continues_in
      from jsonb_to_recordset($2::jsonb) as i(id uuid, attempt integer, "continuesIn" text)
      join node_executions n on n.id = i.id
     where n.id = any ($5::uuid[]) and n.attempt = i.attempt and n.status = 'COMPLETED' and n.worker_id = $3
  ),
  ways as (
    select d.id, d.run_id, d.dependents, d.continues_in from done d
    union
    select w.id, n.run_id, n.dependents, w.continues_in
      from ways w cross join unnest(w.dependents) as x(node_id)
      join node_executions n on n.run_id = w.run_id and n.node_id = x.node_id
     where n.status = 'SKIPPED' and n.edges is not null
  ),
  settled as (
    select d.run_id, x.node_id, (array_agg(d.id order by d.continues_in is null, d.id))[1] as after
      from ways d cross join unnest(d.dependents) as x(node_id)
     group by d.run_id, x.node_id
  ),
  released as (
    select n.*, s.after from settled s
      join node_executions n on n.run_id = s.run_id and n.node_id = s.node_id
     where n.status = 'QUEUED' or (n.status = 'RUNNING' and n.worker_id = $3)
  )
  select ${recordedOf('done')},
    ${runsOf('workflow_runs r where r.id in (select run_id from done union select run_id from claimed)')},
    ${releasedOf('released')}, ${claimsOf('claimed')}`,
);

/**
 * @param workerId the session that sent them
 * @param unanswered what a repeated statement did not answer for
 * @param isKnown whether this process has an attempt in hand already: that one is not news
 */
export async function findUnanswered(
  on: Queryable,
  workerId: string,
  unanswered: { readonly completions: readonly Completion[]; readonly claims: readonly ClaimRequest[] },
  isKnown: (id: string) => boolean,
): Promise<Advanced> {
  const claims = unanswered.claims.map(({ id, attempt }) => ({ id, attempt }));
  const completions = unanswered.completions.map(({ id, attempt, continuesIn }) => ({ id, attempt, continuesIn }));
  const [row] = await find(on, [batchOf(claims), batchOf(completions), workerId, idsOf(claims), idsOf(completions)]);
  const isNews = ({ id }: { readonly id: string }) => !isKnown(id);
  const found = advancedOf(row);
  return { ...found, continuations: found.continuations.filter(isNews), claims: found.claims.filter(isNews) };
}
