import { statement, type Queryable } from '../statement.ts';

/*
 * admit: runs without their turn get it and may begin, the oldest of each user first,
 * up to so many unfinished ones of a user. See the function admit_runs.
 *
 * Locks   an advisory lock per user, in their order; then the admitted runs.
 * Relies  on workflow_runs_active and workflow_runs_waiting.
 */
const afterRuns = statement<{ id: string }>(
  'admit-runs-after',
  `select id from admit_runs(
     array(select r.user_id::text from workflow_runs r where r.id = any ($1::uuid[])), $2::integer) as a(id)`,
);

/** Admits runs of the users whose given runs have ended, or have just come to wait. */
export async function admitRunsAfter(on: Queryable, runIds: readonly string[], mostActive: number): Promise<string[]> {
  return (await afterRuns(on, [runIds, mostActive])).map(({ id }) => id);
}

const everybody = statement<{ id: string }>(
  'admit-runs-of-everybody',
  `with recursive users_without as (
     (select r.user_id from workflow_runs r where r.finished_at is null and r.admitted_at is null
       order by r.user_id limit 1)
     union all
     select (select r.user_id from workflow_runs r
              where r.finished_at is null and r.admitted_at is null and r.user_id > w.user_id
              order by r.user_id limit 1)
       from users_without w where w.user_id is not null
   )
   select id from admit_runs(
     array(select w.user_id::text from users_without w where w.user_id is not null), $1::integer) as a(id)`,
);

/** Admits what may begin of every user with runs without their turn: makes good what a crash left undone. */
export async function admitRunsOfEverybody(on: Queryable, mostActive: number): Promise<string[]> {
  return (await everybody(on, [mostActive])).map(({ id }) => id);
}

const count = statement<{ count: number }>(
  'count-runs-without-turn',
  `select count(*)::integer as count from (
     select from workflow_runs r where r.finished_at is null and r.admitted_at is null limit $1::integer) w`,
);

/** Runs of all users without their turn, counted up to `most`. */
export async function countRunsWithoutTurn(on: Queryable, most: number): Promise<number> {
  const [row] = await count(on, [most]);
  return row?.count ?? 0;
}
