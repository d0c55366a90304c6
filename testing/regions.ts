import type pg from 'pg';
import type { Graph, GraphEdge, GraphNode } from '../core/graph/graph.ts';
import { edgeOf, nodeOf } from './graphs.ts';
import type { TestEngine } from './engine.ts';

/** `item 0`, `item 1`, ... */
export const named = (count: number) => Array.from({ length: count }, (_, index) => `item ${index}`);
export const shouted = (values: readonly string[]) => values.map((value) => value.toUpperCase());

/** list -> do -> all, with settings of the region. */
export function over(list: GraphNode, node: GraphNode, more: Partial<Graph> = {}): Graph {
  return {
    nodes: [list, node, nodeOf('all', 'whole'), ...(more.nodes ?? [])],
    edges: [edgeOf(list.id, node.id), edgeOf(node.id, 'all'), ...(more.edges ?? [])],
  };
}

/** An edge into a named input. */
export const into = (source: string, target: string, targetHandle: string, rest: Partial<GraphEdge> = {}) =>
  edgeOf(source, target, { id: `${source}-${target}.${targetHandle}`, targetHandle, ...rest });

/** The parts of a run, in their order. */
export async function partsOf(
  pool: pg.Pool,
  runId: string,
): Promise<{ index: number; status: string; key: string; label: string | null }[]> {
  const { rows } = await pool.query<{ index: number; status: string; key: string; label: string | null }>(
    `select part_index as index, status, part_key as key, part_label as label from workflow_runs
      where parent_run_id = $1 order by part_index`,
    [runId],
  );
  return rows;
}

/** What the drivers of a run said of how far they have come, in order. */
export async function partsTold(engine: TestEngine, runId: string): Promise<unknown[]> {
  return (await engine.events(runId)).flatMap(({ payload }) => ('parts' in payload ? [payload['parts']] : []));
}
