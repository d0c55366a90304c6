import { statement, type Queryable } from '../statement.ts';

const read = statement<{ name: string; violations: number }>(
  'read-invariant-checks',
  `select name, violations from invariant_checks`,
);

/** The newest outcome of each invariant; empty before the first check. */
export function readInvariantChecks(on: Queryable): Promise<{ name: string; violations: number }[]> {
  return read(on, []);
}
