import { sql } from 'kysely';
import { z } from 'zod';
import type { NodeUpdatedEvent, RunUpdatedEvent } from '../../core/events/run-event.ts';
import { nodeExecutionStatuses, runStatuses, skipReasonOf } from '../../core/run/status.ts';
import { partsProgressSchema, type PartsProgress } from '../../core/api/runs.ts';
import type { Db } from '../client.ts';
import { edgeStatesOf, partsProgress, readableUsage, runColumns, runOf } from '../run-rows.ts';

/** Postgres writes timestamps inside JSON with an offset and microseconds. */
const storedTime = z
  .string()
  .transform((text) => new Date(text).toISOString())
  .nullable();

const runPayloadSchema = z.object({
  status: z.enum(runStatuses),
  error: z.string().nullable(),
  startedAt: storedTime,
  finishedAt: storedTime,
});

const nodePayloadSchema = z.object({
  status: z.enum(nodeExecutionStatuses),
  attempt: z.number(),
  cached: z.boolean(),
  error: z.string().nullable(),
  errorCode: z.string().nullable(),
  workerId: z.string().nullable(),
  queuedAt: storedTime,
  startedAt: storedTime,
  finishedAt: storedTime,
  duration: z.number().nullable(),
  parts: partsProgressSchema.optional(),
});

type StatusEvent = RunUpdatedEvent | NodeUpdatedEvent;

/**
 * Status events of a run after `afterSeq`, in order, at most `limit`. Each row
 * holds what changed; the rest comes from the run and the node execution.
 * Inputs and outputs never change once they are there, so the event of a
 * finished node carries them, and that of one that waits its inputs. The caller has checked who owns the run.
 */
export async function listRunEvents(db: Db, runId: string, afterSeq: number, limit: number): Promise<StatusEvent[]> {
  const rows = await db
    .selectFrom('run_events as e')
    .leftJoin('node_executions as n', (join) =>
      join.onRef('n.run_id', '=', 'e.run_id').onRef('n.id', '=', 'e.node_execution_id'),
    )
    .select([
      'e.seq',
      'e.at',
      'e.type',
      'e.payload',
      'n.id as nodeExecutionId',
      'n.node_id as nodeId',
      'n.node_type as nodeType',
      'n.node_label as nodeLabel',
      'n.edges',
      // What an event does not say of its own is as it stands now.
      sql<PartsProgress | null>`case when not e.payload ? 'parts' then ${sql.raw(partsProgress('n'))} end`.as('parts'),
    ])
    .select((select) => {
      const ofEnded = <Column extends 'input_data' | 'output_data' | 'usage'>(column: Column) =>
        select
          .case()
          .when(
            select.ref('e.payload', '->>').key('status'),
            'in',
            column === 'input_data' ? ['COMPLETED', 'FAILED', 'WAITING'] : ['COMPLETED', 'FAILED'],
          )
          .then(select.ref(`n.${column}`))
          .end()
          .as(column);
      return [ofEnded('input_data'), ofEnded('output_data'), ofEnded('usage')];
    })
    .where('e.run_id', '=', runId)
    .where('e.seq', '>', afterSeq)
    .orderBy('e.seq')
    .limit(limit)
    .execute();
  if (rows.length === 0) return [];

  const runRow = await db.selectFrom('workflow_runs').select(runColumns).where('id', '=', runId).executeTakeFirst();
  if (runRow === undefined) return [];
  const run = runOf(runRow);

  return rows.flatMap((row): StatusEvent[] => {
    const head = { runId, workflowId: run.workflowId, seq: row.seq, at: row.at.toISOString() };
    if (row.type === 'run.updated') {
      return [{ ...run, ...runPayloadSchema.parse(row.payload), ...head, type: 'run.updated' }];
    }
    if (row.nodeExecutionId === null || row.nodeId === null || row.nodeType === null) return [];
    const payload = nodePayloadSchema.parse(row.payload);
    return [
      {
        id: row.nodeExecutionId,
        nodeId: row.nodeId,
        nodeType: row.nodeType,
        nodeLabel: row.nodeLabel,
        ...payload,
        skipReason: skipReasonOf(payload.status, payload.errorCode),
        edges: edgeStatesOf(row.edges ?? null),
        parts: payload.parts ?? row.parts,
        partId: null,
        inputData: row.input_data ?? null,
        outputData: row.output_data ?? null,
        usage: readableUsage(row.usage),
        ...head,
        type: 'node.updated',
      },
    ];
  });
}
