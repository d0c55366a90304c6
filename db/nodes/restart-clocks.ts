import type { Maker } from '../outputs/take.ts';
import { statement, type Queryable } from '../statement.ts';

const restart = statement(
  'restart-clocks',
  `update node_executions n set started_at = clock_timestamp()
     from unnest($1::uuid[], $2::integer[]) as i(id, attempt)
    where n.id = any ($1::uuid[]) and n.id = i.id and n.attempt = i.attempt and n.status = 'RUNNING'`,
);

/** Attempts that waited for others begin now: their time limit counts from here. */
export async function restartClocks(on: Queryable, attempts: readonly Maker[]): Promise<void> {
  await restart(on, [attempts.map(({ id }) => id), attempts.map(({ attempt }) => attempt)]);
}
