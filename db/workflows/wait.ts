import { statement, type Queryable } from '../statement.ts';

const wait = statement('wait-for-workflow', `select id from workflows where id = $1 for key share`);

/** Waits until nobody is deleting the workflow (any more). Throws 55P03 where that takes longer than locks are waited for. */
export async function waitForWorkflow(on: Queryable, workflowId: number): Promise<void> {
  await wait(on, [workflowId]);
}
