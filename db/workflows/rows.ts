import { sql } from 'kysely';
import type { Workflow } from '../../core/api/workflows.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { shownAs } from '../users/shown-as.ts';

/** What is read of a workflow. */
export const columns = [
  'id',
  'name',
  'data',
  'version',
  'created_at',
  'updated_at',
  'slug',
  'live_version',
  'user_id',
  sql<string>`${sql.raw(shownAs('coalesce(workflows.updated_by, workflows.user_id)'))}`.as('updated_by_name'),
  sql<number | null>`(select p.revision from published_versions p
                       where p.workflow_id = workflows.id and p.number = workflows.live_version)`.as('live_revision'),
] as const;

interface WorkflowRow {
  readonly id: number;
  readonly name: string;
  readonly data: Graph;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly slug: string | null;
  readonly live_version: number | null;
  readonly live_revision: number | null;
  readonly user_id: string;
  readonly updated_by_name: string;
}

/** The workflow as the API shows it. */
export function workflowOf(row: WorkflowRow): Workflow {
  return {
    id: row.id,
    name: row.name,
    data: row.data,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    slug: row.slug,
    liveVersion: row.live_version,
    liveDraftVersion: row.live_revision,
    workspaceId: row.user_id,
    updatedBy: row.updated_by_name,
  };
}
