import type { InWorkspace } from '../../core/scope.ts';
import { unfinishedRunsOf } from '../run-sql/active.ts';
import { statement, type Queryable } from '../statement.ts';

interface WorkflowUse {
  readonly assetId: string;
  readonly id: number;
  readonly name: string;
}

/** Enough to say what is meant, however many there are. */
const maxUses = 200;

/*
 * Graphs name an asset by its id, in whichever field a node type keeps it, so
 * the text of the user's graphs is searched, the published ones included.
 */
const inWorkflows = statement<WorkflowUse>(
  'list-asset-uses-in-workflows',
  `select a.id as "assetId", w.id, w.name
     from (select id, name from workflows where user_id = $1 offset 0) w
     cross join lateral (
       select data::text as data from workflows where id = w.id
       union all
       select v.data::text from published_versions p join workflow_versions v on v.id = p.version_id
        where p.workflow_id = w.id offset 0) g
     join unnest($2::text[]) as a(id) on position(a.id in g.data) > 0
    group by w.id, w.name, a.id
    order by w.id, a.id
    limit ${maxUses}`,
);

/** The user's workflows whose graphs, the draft's or a published version's, name the assets. */
export function listAssetUsesInWorkflows(
  on: Queryable,
  { workspaceId }: InWorkspace,
  assetIds: readonly string[],
): Promise<WorkflowUse[]> {
  return inWorkflows(on, [workspaceId, assetIds]);
}

interface RunUse {
  readonly id: string;
  readonly workflowId: number;
}

/* Relies on workflow_runs_active, workflow_runs_waiting and node_executions (run_id). */
const inRuns = statement<RunUse>(
  'list-asset-uses-in-runs',
  `select case when r.parent_run_id is null then r.id else (whole_runs(array[r.id]))[1] end as id, r.workflow_id as "workflowId"
     from ${unfinishedRunsOf('$1')} r join workflow_versions v on v.id = r.workflow_version_id
    where r.parent_run_id is null and position($2 in v.data::text) > 0
       or exists (select from node_executions n
                   where n.run_id = r.id and n.output_data is not null and position($2 in n.output_data::text) > 0)
    group by 1, 2
    order by min(r.created_at), 1
    limit ${maxUses}`,
);

/** The user's runs that are not over and whose graph or outputs, those of their parts too, name the asset. */
export function listAssetUsesInRuns(on: Queryable, { workspaceId }: InWorkspace, assetId: string): Promise<RunUse[]> {
  return inRuns(on, [workspaceId, assetId]);
}
