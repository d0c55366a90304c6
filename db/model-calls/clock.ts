import { statement, type Queryable } from '../statement.ts';

/*
 * take: who was sent away to come back comes again; what failed otherwise before has no place in the line yet. Why the attempt before
 * ended stands in the row until it ends in another way.
 *
 * Relies  on the primary keys.
 */
const take = statement<{ wait: number | null }>(
  'take-provider-turns',
  `select take_provider_turns($1::text[], case
     when $3::uuid is null then 'once'
     when exists (select from node_executions n
                   where n.id = $3 and n.attempt = $2 and n.attempt > 1 and n.error_code = 'PROVIDER_RATE_LIMITED') then 'again'
     else 'first' end) as wait`,
);

/**
 * A turn by all of the clocks. Null: nobody is held back. 0: it is the caller's turn. Else the milliseconds after which to ask
 * again. A node execution gets a place in the line when it comes first, and is near the front where it was sent away before;
 * whoever calls directly (null) asks once, so that there is nobody to wait for.
 */
export async function takeProviderTurn(
  on: Queryable,
  clocks: readonly string[],
  { nodeExecutionId, attempt }: { readonly nodeExecutionId: string | null; readonly attempt: number },
): Promise<number | null> {
  const wait = (await take(on, [clocks, attempt, nodeExecutionId]))[0]?.wait ?? null;
  return wait === null ? null : Math.ceil(wait);
}

/*
 * slow: nobody calls before the moment that the provider names, whatever process it told so. Many refusals of one moment
 * are one. Where the provider said how many calls it takes in a minute, they come no faster than that for ten, and what was
 * counted before that is forgotten: the ten minutes are of the pace.
 */
const slow = statement(
  'slow-provider-clock',
  `insert into provider_clocks as p (key, not_before, pace_ms, refill_ms, left_until)
   values ($1, clock_timestamp() + make_interval(secs => $2 / 1000.0), greatest($3, coalesce($4, 0)), $4::integer,
           case when $4::integer is not null then clock_timestamp() + make_interval(secs => $2 / 1000.0 + 600) end)
   on conflict (key) do update set
     not_before = greatest(p.not_before, excluded.not_before), waiting = 0, slowed_at = excluded.slowed_at,
     refill_ms = coalesce(excluded.refill_ms, p.refill_ms), left_until = coalesce(excluded.left_until, p.left_until),
     left_calls = case when excluded.refill_ms is null then p.left_calls end,
     pace_ms = case when p.slowed_at > clock_timestamp() - interval '2 seconds' then greatest(p.pace_ms, excluded.pace_ms)
                    else least(60000, greatest(p.pace_ms * 2, excluded.pace_ms, $3 * 2)) end`,
);

/** The provider refused a call, and takes none for so long. `ownPaceMs`: between two calls, where it says so. */
export async function slowProviderClock(
  on: Queryable,
  key: string,
  {
    waitMs,
    paceMs,
    ownPaceMs,
  }: { readonly waitMs: number; readonly paceMs: number; readonly ownPaceMs: number | null },
): Promise<void> {
  await slow(on, [key, waitMs, paceMs, ownPaceMs === null ? null : Math.ceil(Math.min(ownPaceMs, 60_000))]);
}

/*
 * learn: counts down what is left. Answers come in any order, so within the time that is known of the lowest number counts.
 * Once nothing is left, only calls that began after that tell of more. Where calls come back one by one, and come no faster than
 * that already, that there are none besides is no news.
 */
const learn = statement(
  'learn-provider-limit',
  `insert into provider_clocks as p (key, not_before, pace_ms, left_calls, left_until, refill_ms)
   values ($1, clock_timestamp() + make_interval(secs => case when $2 = 0 then $3 / 1000.0 else 0 end),
           case when $2 = 0 then coalesce($5::integer, $6::integer) else 0 end,
           nullif($2, 0), clock_timestamp() + make_interval(secs => $4 / 1000.0), $5)
   on conflict (key) do update set
     not_before = case when excluded.left_calls is null and p.left_calls is null and p.pace_ms >= excluded.refill_ms
                       then p.not_before else greatest(p.not_before, excluded.not_before) end,
     pace_ms = case when excluded.left_calls is null then greatest(p.pace_ms, excluded.pace_ms)
                    when p.left_calls is null and p.slowed_at > clock_timestamp() - make_interval(secs => $7 / 1000.0)
                    then p.pace_ms else 0 end,
     waiting = case when excluded.left_calls is null
                      or (p.left_calls is null and p.slowed_at > clock_timestamp() - make_interval(secs => $7 / 1000.0))
                    then p.waiting else 0 end,
     slowed_at = case when excluded.left_calls is null
                        and not coalesce(p.left_calls is null and p.pace_ms >= excluded.refill_ms, false)
                      then excluded.slowed_at else p.slowed_at end,
     left_calls = case when excluded.left_calls is null
                         or (p.left_calls is null and p.slowed_at > clock_timestamp() - make_interval(secs => $7 / 1000.0))
                       then null
                       when p.left_until > clock_timestamp() then least(p.left_calls, excluded.left_calls)
                       else excluded.left_calls end,
     left_until = case when p.left_until > clock_timestamp() and p.left_calls is not null and excluded.left_calls is not null
                       then p.left_until else excluded.left_until end,
     refill_ms = excluded.refill_ms`,
);

/** How many calls a provider still takes, and until when; see `LearnedLimit`. `tookMs`: from the call to its answer. */
export async function learnProviderLimit(
  on: Queryable,
  key: string,
  limit: {
    readonly calls: number;
    readonly waitMs: number;
    readonly untilMs: number;
    readonly refillMs: number | null;
  },
  { paceMs, tookMs }: { readonly paceMs: number; readonly tookMs: number },
): Promise<void> {
  const refillMs = limit.refillMs === null ? null : Math.min(60_000, limit.refillMs);
  await learn(on, [key, limit.calls, limit.waitMs, limit.untilMs, refillMs, paceMs, tookMs]);
}

/*
 * ease: a pace is halved, down to the one that the provider named itself while that holds. A clock that holds nobody back any
 * more goes, unless it counts.
 */
const ease = statement(
  'ease-provider-clock',
  `with eased as materialized (
     select key, greatest(pace_ms / 2, case when left_until > clock_timestamp() and left_calls is null then refill_ms end, 0) as pace
       from provider_clocks where key = any($1::text[]) order by key for update
   ),
   gone as (
     delete from provider_clocks p using eased e
      where p.key = e.key and p.pace_ms <= $2 and e.pace <= $2 and p.not_before <= clock_timestamp()
        and (p.left_calls is null or p.left_until <= clock_timestamp())
      returning p.key
   )
   update provider_clocks p set pace_ms = e.pace from eased e
    where p.key = e.key and p.pace_ms > $2 and not exists (select from gone g where g.key = p.key)`,
);

/** A call was answered: the next ones may come faster, and below `leastPaceMs` freely. */
export async function easeProviderClock(on: Queryable, keys: readonly string[], leastPaceMs: number): Promise<void> {
  await ease(on, [keys, leastPaceMs]);
}

const old = statement(
  'delete-old-provider-clocks',
  `delete from provider_clocks
    where not_before < clock_timestamp() - interval '1 day' and coalesce(left_until, not_before) < clock_timestamp()`,
);

/** Deletes clocks that have not held anybody back for a day. */
export async function deleteOldProviderClocks(on: Queryable): Promise<void> {
  await old(on, []);
}
