import { statement, type Queryable } from '../statement.ts';
import type { Invariant } from './check.ts';

const due = statement<{ due: boolean }>(
  'are-invariants-due',
  `select not exists (
     select from invariant_checks where checked_at > clock_timestamp() - make_interval(secs => $1 / 1000.0)) as due`,
);

/** Whether nobody has checked for so long. */
export async function areInvariantsDue(on: Queryable, everyMs: number): Promise<boolean> {
  const [row] = await due(on, [everyMs]);
  return row?.due === true;
}

const save = statement(
  'save-invariant-checks',
  `insert into invariant_checks (name, violations, checked_at)
   select c.key, c.value::integer, clock_timestamp() from jsonb_each_text($1::jsonb) as c
   on conflict (name) do update set violations = excluded.violations, checked_at = excluded.checked_at`,
);

/** Keeps what a check found for whoever shows it. */
export async function saveInvariantChecks(on: Queryable, violations: Record<Invariant, number>): Promise<void> {
  await save(on, [JSON.stringify(violations)]);
}
