import { sql } from 'kysely';
import { modelUsageSchema, type NodeExecution, type PartsProgress, type RunSummary } from '../core/api/runs.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import type { EdgeState } from '../core/run/edges.ts';
import {
  skipReasonOf,
  type NodeExecutionStatus,
  type RunMode,
  type RunStatus,
  type TriggerType,
} from '../core/run/status.ts';
import type { StoredRegion } from '../core/run/region.ts';
import { progressOf } from './run-sql/parts.ts';
import type { StoredEdges } from './schema.ts';
import { shownAs } from './users/shown-as.ts';

/** Columns of `workflow_runs` that make up a run as the API shows it. */
export const runColumns = [
  'id',
  'workflow_id',
  'workflow_version_id',
  'trigger_type',
  'mode',
  'node_ids',
  'status',
  'error',
  'created_at',
  'started_at',
  'finished_at',
  'last_seq',
  'retry_of',
  'handled_failures',
  'published_version',
  'user_id',
  sql<string>`${sql.raw(shownAs('coalesce(workflow_runs.actor_id, workflow_runs.user_id)'))}`.as('started_by'),
] as const;

/** A run as it is read, as JSON has it. */
export interface RunRow {
  readonly id: string;
  readonly workflow_id: number;
  readonly workflow_version_id: string;
  readonly trigger_type: TriggerType;
  readonly mode: RunMode;
  readonly node_ids: string[] | null;
  readonly status: RunStatus;
  readonly error: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly last_seq: number;
  readonly retry_of: string | null;
  readonly handled_failures: number | null;
  readonly published_version: number | null;
  readonly user_id: string;
  readonly started_by: string;
}

/** A row as the API shows it. */
export function runOf(row: RunRow): RunSummary {
  return {
    id: row.id,
    workflowId: row.workflow_id,
    workflowVersionId: row.workflow_version_id,
    workflowVersion: row.published_version,
    triggerType: row.trigger_type,
    mode: row.mode,
    nodeIds: row.node_ids,
    status: row.status,
    error: row.error,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    seq: row.last_seq,
    retryOf: row.retry_of,
    handledFailures: row.handled_failures ?? 0,
    startedBy: row.started_by,
    workspaceId: row.user_id,
  };
}

/** Columns of `node_executions` that make up a node execution as the API shows it. */
export const nodeExecutionColumns = [
  'id',
  'run_id',
  'node_id',
  'node_type',
  'node_label',
  'status',
  'cached',
  'attempt',
  'input_data',
  'output_data',
  'error',
  'error_code',
  'queued_at',
  'started_at',
  'finished_at',
  'duration',
  'worker_id',
  'usage',
  'edges',
  'region',
  sql<PartsProgress | null>`${sql.raw(partsProgress('node_executions'))}`.as('parts'),
] as const;

/** Of a node execution, as SQL: how far its region has come, where it is the first of one whose elements are known. */
export function partsProgress(execution: string): string {
  return `case when ${execution}.region ? 'nodes' then (
    select ${progressOf('g')} from run_regions g where g.node_execution_id = ${execution}.id) end`;
}

/** A node execution as it is read, as JSON has it. */
export interface NodeExecutionRow {
  readonly id: string;
  readonly run_id: string;
  readonly node_id: string;
  readonly node_type: string;
  readonly node_label: string | null;
  readonly status: NodeExecutionStatus;
  readonly cached: boolean;
  readonly attempt: number;
  readonly input_data: Record<string, unknown> | null;
  readonly output_data: Record<string, unknown> | null;
  readonly error: string | null;
  readonly error_code: string | null;
  readonly queued_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly duration: number | null;
  readonly worker_id: string | null;
  readonly usage: ModelUsage | null;
  readonly edges: StoredEdges | null;
  readonly region: StoredRegion | null;
  readonly parts: PartsProgress | null;
}

/** A row as the API shows it. */
export function nodeExecutionOf(row: NodeExecutionRow): NodeExecution {
  return {
    id: row.id,
    runId: row.run_id,
    nodeId: row.node_id,
    nodeType: row.node_type,
    nodeLabel: row.node_label,
    status: row.status,
    cached: row.cached,
    attempt: row.attempt,
    inputData: row.input_data,
    outputData: row.output_data,
    error: row.error,
    errorCode: row.error_code,
    queuedAt: row.queued_at?.toISOString() ?? null,
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    duration: row.duration,
    workerId: row.worker_id,
    usage: readableUsage(row.usage),
    skipReason: skipReasonOf(row.status, row.error_code),
    edges: edgeStatesOf(row.edges),
    parts: row.parts,
    partId: row.region !== null && 'of' in row.region ? row.run_id : null,
  };
}

/** What is known of the edges into a node, by id; null where it has none that could be dead. */
export function edgeStatesOf(edges: StoredEdges | null): Record<string, EdgeState> | null {
  if (edges === null) return null;
  return Object.fromEntries(edges.in.flatMap(({ id, state }) => (state === undefined ? [] : [[id, state]])));
}

/** Usage that is no numbers of tokens, as a provider once sent it, is unknown. */
export function readableUsage(usage: unknown): ModelUsage | null {
  return modelUsageSchema.safeParse(usage).data ?? null;
}
