import type { BatchRow, BatchRowStatus } from '../../core/api/batches.ts';
import { statement, type Queryable } from '../statement.ts';

interface Row extends Omit<BatchRow, 'outputs' | 'finishedAt' | 'durationMs'> {
  readonly durationMs: string | null;
  readonly finishedAt: Date | null;
  readonly puts: readonly { readonly nodeId: string; readonly value: unknown }[];
}

/** A row with what has come to the output nodes of its run. */
export interface ListedBatchRow extends Omit<BatchRow, 'outputs'> {
  readonly puts: ReadonlyMap<string, unknown>;
}

const list = statement<Row>(
  'list-batch-rows',
  `select r.number, r.status, r.inputs, r.run_id as "runId", r.code, r.error, r.cost_usd as "costUsd",
          r.duration_ms as "durationMs", r.finished_at as "finishedAt",
          case when r.run_id is null then '[]' else coalesce((
            select jsonb_agg(jsonb_build_object('nodeId', n.node_id, 'value', n.output_data -> 'output'))
              from node_executions n
             where n.run_id = r.run_id and n.node_id = any ($5::text[]) and n.status = 'COMPLETED'), '[]') end as puts
     from batch_rows r
    where r.batch_id = $1 and r.number > $2 and ($3::text is null or r.status = $3)
    order by r.number limit $4`,
);

/**
 * The rows of a batch after one of them, in their order; the caller has looked whose it is.
 *
 * @param outputNodes ids of the nodes whose outputs are wanted
 */
export async function listBatchRows(
  on: Queryable,
  batchId: string,
  options: {
    readonly after: number;
    readonly status: BatchRowStatus | null;
    readonly limit: number;
    readonly outputNodes: readonly string[];
  },
): Promise<ListedBatchRow[]> {
  const { after, status, limit, outputNodes } = options;
  const rows = await list(on, [batchId, after, status, limit, outputNodes]);
  return rows.map(({ puts, durationMs, finishedAt, ...row }) => ({
    ...row,
    durationMs: durationMs === null ? null : Number(durationMs),
    finishedAt: finishedAt?.toISOString() ?? null,
    puts: new Map(puts.map(({ nodeId, value }) => [nodeId, value])),
  }));
}
