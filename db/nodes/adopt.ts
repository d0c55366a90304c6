import { statement, type Queryable } from '../statement.ts';

const adopt = statement<{ id: string }>(
  'adopt-attempt',
  `update node_executions set worker_id = $4, started_at = clock_timestamp()
    where id = $1 and attempt = $2 and status = 'RUNNING' and worker_id = $3
   returning id`,
);

/** Passes a running attempt from one session to another. False: it was not the first one's any more. */
export async function adoptAttempt(
  on: Queryable,
  { id, attempt }: { readonly id: string; readonly attempt: number },
  sessions: { readonly from: string; readonly to: string },
): Promise<boolean> {
  return (await adopt(on, [id, attempt, sessions.from, sessions.to])).length > 0;
}
