import { statement, type Queryable } from '../statement.ts';

const outage = statement<{ expired: number; all: number }>(
  'measure-outage',
  `select (count(*) filter (where w.expired_at is not null))::integer as expired, count(*)::integer as all
     from workers w
    where w.parent_id is null and (w.expired_at is null or w.expired_at > clock_timestamp() - make_interval(secs => $1 / 1000.0))`,
);

/**
 * How many worker sessions expired within the last `windowMs`, out of all that lived in that time. Not those of processes
 * for one attempt, whose deaths are told one by one.
 */
export async function measureOutage(on: Queryable, windowMs: number): Promise<{ expired: number; all: number }> {
  const [row] = await outage(on, [windowMs]);
  return row ?? { expired: 0, all: 0 };
}
