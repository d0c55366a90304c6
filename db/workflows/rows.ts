import type { Workflow } from '../../core/api/workflows.ts';
import type { Graph } from '../../core/graph/graph.ts';

export const columns = ['id', 'name', 'data', 'version', 'created_at', 'updated_at'] as const;

interface WorkflowRow {
  readonly id: number;
  readonly name: string;
  readonly data: Graph;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export function workflowOf(row: WorkflowRow): Workflow {
  return {
    id: row.id,
    name: row.name,
    data: row.data,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
