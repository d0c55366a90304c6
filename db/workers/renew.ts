import { quickAnswerMs, statement, type Queryable } from '../statement.ts';

interface Renewed {
  readonly isDrainRequested: boolean;
  /** The pools that other live sessions serve, but for those that drain. */
  readonly poolsOfOthers: readonly string[];
}

const renew = statement<Renewed>(
  'renew-worker-session',
  `update workers w set heartbeat_at = clock_timestamp(), draining = $3
    where id = $1 and expired_at is null and heartbeat_at > clock_timestamp() - make_interval(secs => $2 / 1000.0)
   returning drain_requested_at is not null as "isDrainRequested",
     array(select distinct unnest(o.pools) from workers o
            where o.id <> w.id and o.expired_at is null and not o.draining
              and o.heartbeat_at > clock_timestamp() - make_interval(secs => $2 / 1000.0)) as "poolsOfOthers"`,
);

/** Renews the lease. Null: it ran out before, the session is over and everything it holds is lost. */
export async function renewWorkerSession(
  on: Queryable,
  id: string,
  options: { readonly leaseMs: number; readonly draining: boolean },
): Promise<Renewed | null> {
  const values = [id, options.leaseMs, options.draining];
  const [renewed] = await renew(on, values, Math.min(options.leaseMs / 2, quickAnswerMs));
  return renewed ?? null;
}
