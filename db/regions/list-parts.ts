import { sql } from 'kysely';
import type { PartsProgress } from '../../core/api/runs.ts';
import type { Part, PartSummary } from '../../core/api/parts.ts';
import type { RunStatus } from '../../core/run/status.ts';
import type { Db } from '../client.ts';
import { pageOfRows, type Page, type PageCursor } from '../page-cursor.ts';
import { nodeExecutionColumns, nodeExecutionOf, partsProgress } from '../run-rows.ts';

interface PartListQuery {
  readonly runId: string;
  /** The part that they lie within; null for those of the run itself. */
  readonly partId: string | null;
  /** The execution of the region's driver; null for the parts of all regions of the run. */
  readonly executionId: string | null;
  readonly status: RunStatus | null;
  readonly limit: number;
  /** Value: the execution; id: the index. */
  readonly after: PageCursor | null;
}

const partColumns = ['id', 'parent_execution_id', 'part_index', 'part_key', 'part_label', 'status', 'error'] as const;

interface PartRow {
  readonly id: string;
  readonly part_index: number | null;
  readonly part_key: string | null;
  readonly part_label: string | null;
  readonly status: RunStatus;
  readonly error: string | null;
}

function summaryOf(row: PartRow, parentId: string | null): PartSummary {
  return {
    id: row.id,
    parentId,
    index: row.part_index!,
    key: row.part_key!,
    status: row.status,
    label: row.part_label,
    error: row.error,
  };
}

/** One page of the parts of a run with their node executions. Relies on workflow_runs_parts and node_executions (run_id). */
export async function listParts(db: Db, query: PartListQuery): Promise<Page<Part>> {
  let select = db
    .selectFrom('workflow_runs')
    .select(partColumns)
    .where('parent_run_id', '=', query.partId ?? query.runId)
    .where('part_index', '>=', 0)
    .orderBy('parent_execution_id')
    .orderBy('part_index')
    .limit(query.limit + 1);
  if (query.executionId !== null) select = select.where('parent_execution_id', '=', query.executionId);
  if (query.status !== null) select = select.where('status', '=', query.status);
  if (query.after !== null) {
    const { value, id } = query.after;
    select = select.where(sql<boolean>`(parent_execution_id, part_index) > (${value}::uuid, ${Number(id)}::integer)`);
  }
  const rows = await select.execute();
  const executions = await executionsOf(
    db,
    query.runId,
    rows.slice(0, query.limit).map(({ id }) => id),
  );
  return pageOfRows(
    rows,
    query.limit,
    (row): Part => ({ ...summaryOf(row, query.partId), nodeExecutions: executions.get(row.id) ?? [] }),
    (row) => ({ value: row.parent_execution_id!, id: String(row.part_index) }),
  );
}

/** Node executions by part, in the order of the region's nodes. */
async function executionsOf(
  db: Db,
  runId: string,
  partIds: readonly string[],
): Promise<ReadonlyMap<string, Part['nodeExecutions']>> {
  if (partIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('node_executions')
    .innerJoin('workflow_runs as p', 'p.id', 'node_executions.run_id')
    .innerJoin('node_executions as d', 'd.id', 'p.parent_execution_id')
    .select(
      nodeExecutionColumns.map((column) =>
        typeof column === 'string' ? (`node_executions.${column}` as const) : column,
      ),
    )
    .where('node_executions.run_id', '=', sql<string>`any(${[...partIds]}::uuid[])`)
    .orderBy(
      sql`array_position(array(select jsonb_array_elements_text(d.region -> 'nodes')), node_executions.node_id::text)`,
    )
    // Nodes of a called workflow come as they began.
    .orderBy(sql`coalesce(node_executions.started_at, node_executions.queued_at, node_executions.finished_at)`)
    .orderBy('node_executions.node_id')
    .execute();
  const byPart = new Map<string, Part['nodeExecutions']>();
  for (const row of rows) {
    const known = byPart.get(row.run_id) ?? [];
    known.push({ ...nodeExecutionOf(row), runId });
    byPart.set(row.run_id, known);
  }
  return byPart;
}

/** The region that a node of a run is in. */
export interface RegionOfNode {
  readonly executionId: string;
  readonly driver: string;
  readonly parts: PartsProgress | null;
}

/** Null where the run has no such node, or executes it once. Relies on node_executions (run_id, node_id). */
export async function findRegionOfNode(db: Db, runId: string, nodeId: string): Promise<RegionOfNode | null> {
  const row = await db
    .selectFrom('node_executions as n')
    .innerJoin('node_executions as d', (join) =>
      join.onRef('d.run_id', '=', 'n.run_id').on(sql<boolean>`d.node_id = coalesce(n.region ->> 'driver', n.node_id)`),
    )
    .select(['d.id', 'd.node_id', sql<PartsProgress | null>`${sql.raw(partsProgress('d'))}`.as('parts')])
    .where('n.run_id', '=', runId)
    .where('n.node_id', '=', nodeId)
    .where(sql<boolean>`d.region ? 'nodes'`)
    .executeTakeFirst();
  return row === undefined ? null : { executionId: row.id, driver: row.node_id, parts: row.parts };
}

interface ChangedPart extends PartSummary {
  /** The number of its newest event. */
  readonly seq: number;
  /** When it changed, as exact text. */
  readonly changedAt: string;
}

/** A place among changes. */
export interface ChangePlace {
  /** Exact text. */
  readonly changedAt: string;
  /** The last of this moment that is known; null: none of it is wanted. */
  readonly id: string | null;
}

/** Parts of a region that have changed after a place, the earliest change first. Relies on workflow_runs_parts. */
export async function listChangedParts(
  db: Db,
  {
    runId,
    partId,
    executionId,
  }: { readonly runId: string; readonly partId: string | null; readonly executionId: string },
  { changedAt, id }: ChangePlace,
  limit: number,
): Promise<ChangedPart[]> {
  const rows = await db
    .selectFrom('workflow_runs')
    .select(partColumns)
    .select(['last_seq', sql<string>`progressed_at::text`.as('changedAt')])
    .where('parent_run_id', '=', partId ?? runId)
    .where('parent_execution_id', '=', executionId)
    .where('part_index', '>=', 0)
    .where(
      id === null
        ? sql<boolean>`progressed_at > ${changedAt}::timestamptz`
        : sql<boolean>`(progressed_at, id) > (${changedAt}::timestamptz, ${id}::uuid)`,
    )
    .orderBy('progressed_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...summaryOf(row, partId), seq: row.last_seq, changedAt: row.changedAt }));
}

/** How far a region has come; null where it is not there any more, or its elements are not known yet. */
export async function findProgress(db: Db, executionId: string): Promise<PartsProgress | null> {
  const row = await db
    .selectFrom('node_executions as d')
    .select(sql<PartsProgress | null>`${sql.raw(partsProgress('d'))}`.as('parts'))
    .where('d.id', '=', executionId)
    .executeTakeFirst();
  return row?.parts ?? null;
}

/** Whether a part is one of a run, however deep it lies within others. Relies on the primary key. */
export async function isPartOf(db: Db, runId: string, partId: string): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    with recursive up as (
      select r.id, r.parent_run_id from workflow_runs r where r.id = ${partId}
      union all
      select r.id, r.parent_run_id from up join workflow_runs r on r.id = up.parent_run_id
    )
    select up.id from up where up.parent_run_id is null and up.id <> ${partId}::uuid`.execute(db);
  return rows[0]?.id === runId;
}
