import type pg from 'pg';
import type { NodeInputs, NodeOutputs } from '../../core/node-type/values.ts';
import { groupBy } from './group-by.ts';

export interface HistoryNode {
  readonly id: string;
  readonly runId: string;
  readonly nodeId: string;
  readonly status: string;
  readonly attempt: number;
  /** Attempts beyond the first, those apart that came after the node had waited. */
  readonly extra: number;
  readonly crashCount: number;
  readonly errorCode: string | null;
  readonly inputs: NodeInputs | null;
  readonly outputs: NodeOutputs | null;
}

export interface HistoryEvent {
  readonly seq: number;
  readonly at: Date;
  readonly type: 'run.updated' | 'node.updated';
  /** The node execution; null where it is about the run. */
  readonly nodeExecutionId: string | null;
  readonly status: string;
  readonly attempt: number | null;
  readonly workerId: string | null;
  /** Why the attempt before ended, where this one follows it. */
  readonly errorCode: string | null;
}

export interface HistoryRun {
  readonly id: string;
  readonly status: string;
  readonly lastSeq: number;
  /** Of a part: the run that it is a part of, the execution of its driver, and the place of its element. */
  readonly parentId: string | null;
  readonly driverId: string | null;
  readonly index: number | null;
  /** Of a part whose element was gone through again: the part that failed. Of one that stands in: the one that completed before. */
  readonly retryOf: string | null;
  /** A part of a list that was gone through again, taken over as it had completed: nothing ever happened to it here. */
  readonly isStandIn: boolean;
  readonly nodes: readonly HistoryNode[];
  readonly events: readonly HistoryEvent[];
}

/** Parts by what they are parts of. */
export type Parts = ReadonlyMap<string, readonly HistoryRun[]>;

/** The parts among all runs, by the execution of the driver that stands for them, in the order of their elements; without those that failed and were made again. */
export function partsByDriver(history: ReadonlyMap<string, HistoryRun>): Parts {
  const parts = [...history.values()].filter(({ driverId, index }) => driverId !== null && index! >= 0);
  return groupBy(parts, ({ driverId }) => driverId!);
}

/** All runs with all that happened in them, by id. */
export async function readHistory(pool: pg.Pool): Promise<ReadonlyMap<string, HistoryRun>> {
  const runs = await pool.query<Omit<HistoryRun, 'nodes' | 'events' | 'isStandIn'>>(
    `select id, status, last_seq as "lastSeq", parent_run_id as "parentId", parent_execution_id as "driverId",
            part_index as index, retry_of as "retryOf"
       from workflow_runs order by part_index`,
  );
  const nodes = await pool.query<HistoryNode>(
    `select id, run_id as "runId", node_id as "nodeId", status, attempt,
            attempt - 1 - coalesce(earlier_tries, 0) as extra, crash_count as "crashCount",
            error_code as "errorCode", input_data as inputs, output_data as outputs
       from node_executions`,
  );
  const events = await pool.query<HistoryEvent & { runId: string }>(
    `select run_id as "runId", seq, at, type, node_execution_id as "nodeExecutionId", payload ->> 'status' as status,
            (payload ->> 'attempt')::integer as attempt, payload ->> 'workerId' as "workerId",
            payload ->> 'errorCode' as "errorCode"
       from run_events order by run_id, seq`,
  );
  const nodesOf = groupBy(nodes.rows, (node) => node.runId);
  const eventsOf = groupBy(events.rows, (event) => event.runId);
  const history = new Map<string, HistoryRun>();
  for (const run of runs.rows) {
    history.set(run.id, {
      ...run,
      ...{ nodes: nodesOf.get(run.id) ?? [], events: eventsOf.get(run.id) ?? [], isStandIn: false },
    });
  }
  return markStandIns(history);
}

/**
 * Where a part was gone through again, a list within it begins with the parts that had completed in the one that failed.
 * A part without any event of which there is none such stays what it is: nobody knows where it came from.
 */
export function markStandIns(history: ReadonlyMap<string, HistoryRun>): ReadonlyMap<string, HistoryRun> {
  const parts = partsByDriver(history);
  return new Map(
    [...history].map(([id, run]) => {
      const origin = run.retryOf === null && run.events.length === 0 ? completedBefore(run, history, parts) : undefined;
      return [id, origin === undefined ? run : { ...run, retryOf: origin.id, isStandIn: true }];
    }),
  );
}

function completedBefore(
  { parentId, driverId, index, status }: HistoryRun,
  history: ReadonlyMap<string, HistoryRun>,
  parts: Parts,
): HistoryRun | undefined {
  if (parentId === null || status !== 'COMPLETED') return undefined;
  const parent = history.get(parentId)!;
  const driver = parent.nodes.find(({ id }) => id === driverId)!;
  for (let before = retriedBy(parent, history); before !== undefined; before = retriedBy(before, history)) {
    const driverBefore = before.nodes.find(({ nodeId }) => nodeId === driver.nodeId);
    const found = parts
      .get(driverBefore?.id ?? '')
      ?.find((part) => part.index === index && part.status === 'COMPLETED');
    if (found !== undefined) return found;
  }
  return undefined;
}

function retriedBy({ retryOf }: HistoryRun, history: ReadonlyMap<string, HistoryRun>): HistoryRun | undefined {
  return retryOf === null ? undefined : history.get(retryOf);
}

/** Whether a node of a part whose element was gone through again stands as it did in the part that failed: nothing happened to it here. */
export function isTakenOver({ retryOf, index, events }: HistoryRun, { id, status }: HistoryNode): boolean {
  const isRemade = retryOf !== null && index !== null;
  return isRemade && ['COMPLETED', 'SKIPPED'].includes(status) && !events.some((event) => event.nodeExecutionId === id);
}
