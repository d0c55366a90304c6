import { sql } from 'kysely';
import type { InWorkspace } from '../../core/scope.ts';
import type { Db } from '../client.ts';
import { pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';
import { foundWaitOf, selectWaits, type FoundWait } from './rows.ts';

interface WaitListQuery {
  readonly scope: InWorkspace;
  readonly status: 'open' | 'resolved';
  /** Null: of all runs. Parts of the run are included. */
  readonly runId: string | null;
  /** Null: of all nodes. */
  readonly nodeId: string | null;
  readonly limit: number;
  readonly after: PageCursor | null;
}

/** More is "many". */
const mostCounted = 1_000;

/**
 * One page of what people are asked: open ones from the oldest on, resolved ones from the newest on. Relies on waits_open, and
 * on waits_resolved for resolved ones.
 */
export async function listWaits(
  db: Db,
  { scope, status, runId, nodeId, limit, after }: WaitListQuery,
): Promise<Page<FoundWait>> {
  const isOpen = status === 'open';
  let select = selectWaits(db)
    .where('q.user_id', '=', scope.workspaceId)
    .where('q.resolved_at', isOpen ? 'is' : 'is not', null)
    .orderBy('q.created_at', isOpen ? 'asc' : 'desc')
    .orderBy('q.id', isOpen ? 'asc' : 'desc')
    .limit(limit + 1);
  if (nodeId !== null) select = select.where('n.node_id', '=', nodeId);
  if (runId !== null) {
    select = select.where(
      sql<boolean>`q.run_id in (
        with recursive down as (
          select ${runId}::uuid as id
          union all
          select p.id from down join workflow_runs p on p.parent_run_id = down.id)
        select id from down)`,
    );
  }
  if (after !== null) {
    select = select.where(
      isOpen
        ? sql<boolean>`(q.created_at, q.id) > (${after.value}::timestamptz, ${after.id}::uuid)`
        : sql<boolean>`(q.created_at, q.id) < (${after.value}::timestamptz, ${after.id}::uuid)`,
    );
  }
  return pageOfRows(await select.execute(), limit, foundWaitOf, (row) => ({ value: row.exact_created_at, id: row.id }));
}

/** How many questions are open, counted up to 1,000. Relies on waits_open. */
export async function countOpenWaits(db: Db, { workspaceId }: InWorkspace): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from (
      select from waits where user_id = ${workspaceId} and resolved_at is null and kind = 'person' limit ${mostCounted}) w`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}
