import { statement, type Queryable } from '../statement.ts';

const nextWorkflows = statement<{ id: number }>(
  'list-workflows-to-clean',
  `select id from workflows where id > $1 order by id limit $2`,
);

/** Ids of workflows after `afterId`, in order. */
export async function listWorkflowsToClean(on: Queryable, afterId: number, limit: number): Promise<number[]> {
  return (await nextWorkflows(on, [afterId, limit])).map(({ id }) => id);
}
