import type { NodeOutputs } from '../../core/node-type/values.ts';
import { statement, type Queryable } from '../statement.ts';

/*
 * The outputs of the dependencies of attempts, for a worker that goes on with
 * them. A statement of its own and not a part of the one that made them ready:
 * that one may have waited for a lock, and reads what was there before the wait.
 *
 * Relies  on the primary key and node_executions (run_id, node_id).
 */
const read = statement<{ id: string; outputs: Record<string, NodeOutputs | null> }>(
  'list-dependency-outputs',
  `select n.id, o.outputs
     from node_executions n
     cross join lateral (
       select jsonb_object_agg(d.node_id, d.output_data) as outputs
         from node_executions d where d.run_id = n.run_id and d.node_id = any (n.dependencies)) o
    where n.id = any ($1::uuid[]) and o.outputs is not null`,
);

/** By node execution, then by node id. */
export async function listDependencyOutputs(
  on: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, NodeOutputs | null>>>> {
  return new Map((await read(on, [ids])).map(({ id, outputs }) => [id, outputs]));
}
