import { quickAnswerMs, statement, type Queryable } from '../statement.ts';

const lost = statement<{ id: string; attempt: number }>(
  'list-lost-attempts',
  `select i.id, i.attempt from jsonb_to_recordset($1::jsonb) as i(id uuid, attempt integer)
    where not exists (select from node_executions n
                       where n.id = i.id and n.attempt = i.attempt and n.status = 'RUNNING' and n.worker_id = $2)`,
);

/** Which of the attempts that a session believes to run are not its own any more (cancelled, rescued, deleted). */
export async function listLostAttempts(
  on: Queryable,
  workerId: string,
  attempts: readonly { readonly id: string; readonly attempt: number }[],
): Promise<{ readonly id: string; readonly attempt: number }[]> {
  if (attempts.length === 0) return [];
  const rows = attempts.map(({ id, attempt }) => ({ id, attempt }));
  return lost(on, [JSON.stringify(rows), workerId], quickAnswerMs);
}
