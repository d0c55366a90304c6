import { statement, type Queryable } from '../statement.ts';

const forget = statement(
  'forget-provider-job',
  `delete from provider_jobs where node_execution_id = $1 and job is null`,
);

/** The provider refused it: another attempt may hand it in. */
export async function forgetProviderJob(on: Queryable, id: string): Promise<void> {
  await forget(on, [id]);
}
