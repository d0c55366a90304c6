import { sql } from 'kysely';
import type { WorkflowSummary } from '../../core/api/workflows.ts';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { ownedBy } from '../owned-by.ts';
import { containing } from '../containing.ts';
import { exactTime, pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';

type WorkflowSort = 'updatedAt' | 'name';

interface WorkflowListQuery {
  readonly scope: InWorkspace;
  readonly limit: number;
  readonly after: PageCursor | null;
  /** `updatedAt`: newest first; `name`: in alphabetical order. */
  readonly sort: WorkflowSort;
  /** Part of the name, or of a text in a node, whatever the case; null for all. */
  readonly search: string | null;
}

/**
 * One page of a user's workflows with the newest run of each.
 * Relies on the indexes workflows_user_updated, workflows_user_name and workflow_runs_history.
 */
export async function listWorkflows(db: Db, query: WorkflowListQuery): Promise<Page<WorkflowSummary>> {
  const { after, sort } = query;
  let select = db
    .selectFrom('workflows as w')
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom('workflow_runs as r')
          .select(['r.id', 'r.status', 'r.created_at', 'r.finished_at', 'r.rests_since'])
          .whereRef('r.workflow_id', '=', 'w.id')
          // Runs stay in the workspace that they were started in where their workflow moves.
          .whereRef('r.user_id', '=', 'w.user_id')
          .where('r.parent_run_id', 'is', null)
          .orderBy('r.created_at', 'desc')
          .orderBy('r.id', 'desc')
          .limit(1)
          .as('last'),
      (join) => join.onTrue(),
    )
    .select([
      'w.id',
      'w.name',
      'w.created_at as createdAt',
      'w.updated_at as updatedAt',
      'w.slug',
      'w.live_version as liveVersion',
      'w.user_id as workspaceId',
      'last.id as runId',
      'last.status as runStatus',
      'last.created_at as runCreatedAt',
      'last.finished_at as runFinishedAt',
      'last.rests_since as runRestsSince',
      exactTime('w.updated_at').as('exactUpdatedAt'),
    ])
    .where(ownedBy(query.scope, 'w.user_id'))
    .limit(query.limit + 1);
  if (query.search !== null) {
    const pattern = containing(query.search);
    // Names of nodes, prompts and other values: whatever is a text in what a node holds. Never keys, ids or types.
    const inNodes = sql<boolean>`exists (
      select 1 from jsonb_path_query(w.data, 'strict $.nodes[*].data.** ? (@.type() == "string")', '{}', true) as held(value)
      where held.value #>> '{}' ilike ${pattern}
    )`;
    select = select.where((where) => where.or([where('w.name', 'ilike', pattern), inNodes]));
  }
  if (sort === 'updatedAt') {
    select = select.orderBy('w.updated_at', 'desc').orderBy('w.id', 'desc');
    if (after !== null) {
      select = select.where(sql<boolean>`(w.updated_at, w.id) < (${after.value}::timestamptz, ${after.id}::integer)`);
    }
  } else {
    select = select.orderBy('w.name').orderBy('w.id');
    if (after !== null) select = select.where(sql<boolean>`(w.name, w.id) > (${after.value}, ${after.id}::integer)`);
  }
  return pageOfRows(
    await select.execute(),
    query.limit,
    (row): WorkflowSummary => ({
      id: row.id,
      name: row.name,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
      slug: row.slug,
      liveVersion: row.liveVersion,
      workspaceId: row.workspaceId,
      ...(row.runId === null || row.runStatus === null || row.runCreatedAt === null
        ? {}
        : {
            lastRun: {
              id: row.runId,
              status: row.runStatus,
              createdAt: row.runCreatedAt.toISOString(),
              finishedAt: row.runFinishedAt?.toISOString() ?? null,
              isWaiting: row.runFinishedAt === null && row.runRestsSince !== null,
            },
          }),
    }),
    (row) => ({ value: sort === 'updatedAt' ? row.exactUpdatedAt : row.name, id: String(row.id) }),
  );
}
