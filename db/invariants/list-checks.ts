import { statement, type Queryable } from '../statement.ts';

const read = statement<{ name: string; violations: number }>(
  'list-invariant-checks',
  `select name, violations from invariant_checks`,
);

/** The newest check of each invariant; empty before the first check. */
export function listInvariantChecks(on: Queryable): Promise<{ name: string; violations: number }[]> {
  return read(on, []);
}
