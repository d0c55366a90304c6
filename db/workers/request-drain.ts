import { statement, type Queryable } from '../statement.ts';

const requestDrain = statement<{ id: string }>(
  'request-worker-drain',
  `update workers set drain_requested_at = coalesce(drain_requested_at, clock_timestamp())
    where id = $1 and expired_at is null returning id`,
);

/** Asks a session to take no more work. False: there is no such session, or it is over. */
export async function requestWorkerDrain(on: Queryable, id: string): Promise<boolean> {
  return (await requestDrain(on, [id])).length > 0;
}
