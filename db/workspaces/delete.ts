import { workspaceGraceDays } from '../../core/api/workspaces.ts';
import { statement, type Queryable } from '../statement.ts';

const listEnded = statement<{ id: string }>(
  'list-ended-workspaces',
  `select id from workspaces where deleted_at <= now() - make_interval(days => $1::integer) order by deleted_at`,
);

/** Workspaces whose time of grace is over. */
export async function listEndedWorkspaces(on: Queryable): Promise<readonly string[]> {
  return (await listEnded(on, [workspaceGraceDays])).map(({ id }) => id);
}

/*
 * delete: runs of a workspace, parts before the runs that they are parts of, with their nodes and events.
 *
 * Locks   the runs it deletes; those that somebody else has locked are left for the next time.
 * Relies  on workflow_runs_user and workflow_runs_parts.
 */
const deleteRuns = statement<{ id: string }>(
  'delete-runs-of-workspace',
  `delete from workflow_runs where id = any (array(
     select r.id from workflow_runs r
      where r.user_id = $1
        and (r.parent_run_id is not null or not exists (select from workflow_runs p where p.parent_run_id = r.id))
      limit $2
        for update skip locked))
   returning id`,
);

/** Deletes up to `limit` runs of a workspace; returns how many. */
export async function deleteRunsOfWorkspace(on: Queryable, workspaceId: string, limit: number): Promise<number> {
  return (await deleteRuns(on, [workspaceId, limit])).length;
}

/* Programs' accounts belong to the workspace alone: they go with it. Relies on the primary keys. */
const deleteRest = statement<{ id: string }>(
  'delete-workspace',
  `with gone as (
     select w.id from workspaces w
      where w.id = $1 and w.deleted_at <= now() - make_interval(days => $2::integer)
        for update
   )
   delete from users u
    using gone g
    where u.id = g.id
       or u.kind = 'service' and exists (
            select from workspace_members m where m.workspace_id = g.id and m.account_id = u.id)
   returning u.id`,
);

/** Deletes a workspace whose time is over, with all that belongs to it. False where it was restored meanwhile. */
export async function deleteEndedWorkspace(on: Queryable, workspaceId: string): Promise<boolean> {
  return (await deleteRest(on, [workspaceId, workspaceGraceDays])).length > 0;
}
