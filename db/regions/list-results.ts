import type { NodeOutputs } from '../../core/node-type/values.ts';
import { statement, type Queryable } from '../statement.ts';

interface PartResult {
  readonly index: number;
  /** What the node put out there. */
  readonly outputs: NodeOutputs;
}

/** What node $3 put out in the part `p`. `offset 0` keeps that a look-up: a plan is made once, perhaps while the tables are empty. */
const nodeOfPart = `(
      select n.output_data from node_executions n
       where n.run_id = p.id and n.node_id = $3 and n.output_data is not null offset 0) n`;

/* Relies on workflow_runs_parts and node_executions (run_id, node_id). */
const results = statement<PartResult>(
  'list-part-results',
  `select p.part_index as index, n.output_data as outputs
     from workflow_runs p cross join lateral ${nodeOfPart}
    where p.parent_run_id = $1 and p.parent_execution_id = $2 and p.part_index > $4 and p.status = 'COMPLETED'
    order by p.part_index limit $5`,
);

interface ResultQuery {
  readonly runId: string;
  readonly executionId: string;
  readonly nodeId: string;
  /** The last index of the page before; -1 for the first. */
  readonly after: number;
  readonly limit: number;
}

/** What a node put out in the completed parts of a region, in the order of the elements. */
export function listPartResults(on: Queryable, query: ResultQuery): Promise<PartResult[]> {
  return results(on, [query.runId, query.executionId, query.nodeId, query.after, query.limit]);
}

/* Relies on workflow_runs_parts and node_executions (run_id, node_id). */
const last = statement<PartResult>(
  'find-last-part-result',
  `select p.part_index as index, n.output_data as outputs
     from workflow_runs p cross join lateral ${nodeOfPart}
    where p.parent_run_id = $1 and p.parent_execution_id = $2 and p.status = 'COMPLETED'
    order by p.part_index desc limit 1`,
);

/** What a node put out in the last part in which it did; null where it did in none. */
export async function findLastResult(
  on: Queryable,
  { runId, executionId, nodeId }: Pick<ResultQuery, 'runId' | 'executionId' | 'nodeId'>,
): Promise<PartResult | null> {
  const [row] = await last(on, [runId, executionId, nodeId]);
  return row ?? null;
}

interface ResultOfPart {
  /** The part. */
  readonly id: string;
  readonly outputs: NodeOutputs;
}

/* Relies on node_executions (run_id, node_id). */
const ofParts = statement<ResultOfPart>(
  'list-results-of-parts',
  `select n.run_id as id, n.output_data as outputs from node_executions n
    where n.run_id = any ($1::uuid[]) and n.node_id = $2 and n.output_data is not null`,
);

/** What a node put out in some parts, in no order. */
export function listResultsOf(on: Queryable, partIds: readonly string[], nodeId: string): Promise<ResultOfPart[]> {
  return ofParts(on, [partIds, nodeId]);
}

interface NodeResult {
  readonly nodeId: string;
  readonly outputs: NodeOutputs;
}

/* Relies on workflow_runs_parts and node_executions (run_id, node_id). */
const ofNodes = statement<NodeResult>(
  'list-node-results',
  `select n.node_id as "nodeId", n.output_data as outputs
     from workflow_runs p join node_executions n on n.run_id = p.id and n.node_id = any ($3::text[])
    where p.parent_run_id = $1 and p.parent_execution_id = $2 and p.part_index = 0
      and p.status = 'COMPLETED' and n.output_data is not null`,
);

/** What some nodes put out in the first, or only, part of a region. */
export function listNodeResults(
  on: Queryable,
  query: { readonly runId: string; readonly executionId: string; readonly nodeIds: readonly string[] },
): Promise<NodeResult[]> {
  return ofNodes(on, [query.runId, query.executionId, query.nodeIds]);
}

/** Why a part failed: the error of its node, which was tried `attempts` times. */
export interface PartError {
  readonly index: number;
  readonly key: string;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
}

/** With what the node is called, for the words about a called workflow. */
export interface NamedPartError extends PartError {
  readonly node: string;
}

/* Relies on workflow_runs_parts and node_executions (run_id). */
const errors = statement<NamedPartError>(
  'list-part-errors',
  `select p.part_index as index, p.part_key as key, e.code, e.message, e.attempts, e.node
     from workflow_runs p
     cross join lateral (
       select n.error_code as code, n.error as message, n.attempt as attempts,
              coalesce(nullif(n.node_label, ''), n.node_id) as node from node_executions n
        where n.run_id = p.id and n.status = 'FAILED' and n.handles_error is not true
        order by n.finished_at, n.id limit 1) e
    where p.parent_run_id = $1 and p.parent_execution_id = $2 and p.status = 'FAILED' and p.part_index >= 0
    order by p.part_index limit $3`,
);

/** Why parts of a region failed, in the order of the elements. */
export function listPartErrors(
  on: Queryable,
  runId: string,
  executionId: string,
  limit: number,
): Promise<NamedPartError[]> {
  return errors(on, [runId, executionId, limit]);
}
