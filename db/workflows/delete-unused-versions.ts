import { statement, type Queryable } from '../statement.ts';

const deleteVersions = statement<{ id: string }>(
  'delete-unused-versions',
  `delete from workflow_versions v
    where v.workflow_id = $1 and v.created_at < clock_timestamp() - interval '1 day'
      and not exists (select from workflow_runs r where r.workflow_id = $1 and r.parent_run_id is null and r.workflow_version_id = v.id)
      and not exists (select from published_versions p where p.version_id = v.id)
      and not exists (select from kept_drafts k where k.version_id = v.id)
      and not exists (select from batches b where b.version_id = v.id)
   returning id`,
);

/** Deletes frozen graphs that no run, published version, kept draft or batch uses. A young one may be about to be. */
export async function deleteUnusedVersionsOfWorkflow(on: Queryable, workflowId: number): Promise<number> {
  return (await deleteVersions(on, [workflowId])).length;
}
