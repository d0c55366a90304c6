import { callNodeType } from '../../core/graph/call-contract.ts';
import type { InWorkspace } from '../../core/scope.ts';
import { statement, type Queryable } from '../statement.ts';

/** A workflow that calls another one. */
export interface WorkflowCaller {
  readonly id: number;
  readonly name: string;
  readonly live: boolean;
  readonly versions: (number | 'live')[];
}

/** Enough to see who is concerned, however many there are. */
const maxCallers = 200;

/* Reads the graphs of all of a user's workflows: asked when one is published. Relies on workflows_user_name and the primary keys. */
const list = statement<WorkflowCaller>(
  'list-workflow-callers',
  `select w.id, w.name, bool_or(g.live) as live,
          coalesce(jsonb_agg(distinct c.node -> 'data' -> 'version')
            filter (where c.node -> 'data' ? 'version'), '["live"]') as versions
     from (select id, name, live_version from workflows where user_id = $1 and id <> $2::integer offset 0) w
     cross join lateral (
       select data, false as live from workflows where id = w.id
       union all
       select v.data, true from published_versions p join workflow_versions v on v.id = p.version_id
        where p.workflow_id = w.id and p.number = w.live_version offset 0) g
     cross join lateral jsonb_path_query(
       g.data, '$.nodes[*] ? (@.type == "${callNodeType}" && @.data.workflowId == $called)',
       jsonb_build_object('called', $2::integer)) as c(node)
    group by w.id, w.name
    order by w.name, w.id
    limit ${maxCallers}`,
);

/** The user's workflows of which the draft or the live version calls this one, by name. */
export function listCallers(
  on: Queryable,
  { workspaceId }: InWorkspace,
  workflowId: number,
): Promise<WorkflowCaller[]> {
  return list(on, [workspaceId, workflowId]);
}
