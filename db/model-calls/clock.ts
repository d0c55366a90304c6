import { statement, type Queryable } from '../statement.ts';

const take = statement<{ wait: number | null }>('take-provider-turn', `select take_provider_turn($1) as wait`);

/** Null: nobody is held back. 0: it is the caller's turn. Else the milliseconds after which to ask again. */
export async function takeProviderTurn(on: Queryable, key: string): Promise<number | null> {
  const wait = (await take(on, [key]))[0]?.wait ?? null;
  return wait === null ? null : Math.ceil(wait);
}

/*
 * tryTurn: takes the turn where it is there, and no place in the line where it is not: who asks so may never come back.
 */
const tryTurn = statement<{ wait: number }>(
  'try-provider-turn',
  `with c as materialized (
     select key, not_before, pace_ms, clock_timestamp() as moment from provider_clocks where key = $1 for update
   ),
   taken as (
     update provider_clocks p set not_before = c.moment + make_interval(secs => c.pace_ms / 1000.0)
       from c where p.key = c.key and c.not_before <= c.moment returning p.key
   )
   select case when exists (select from taken) then 0
               else greatest(1, extract(epoch from (c.not_before - c.moment)) * 1000)::double precision end as wait
     from c`,
);

/** As `takeProviderTurn`, for somebody who is not waited for. */
export async function tryProviderTurn(on: Queryable, key: string): Promise<number | null> {
  const wait = (await tryTurn(on, [key]))[0]?.wait ?? null;
  return wait === null ? null : Math.ceil(wait);
}

/*
 * slow: nobody calls before the moment that the provider names, whatever process it told so. Many refusals of one moment
 * are one.
 */
const slow = statement(
  'slow-provider-clock',
  `insert into provider_clocks as p (key, not_before, pace_ms)
   values ($1, clock_timestamp() + make_interval(secs => $2 / 1000.0), $3)
   on conflict (key) do update set
     not_before = greatest(p.not_before, excluded.not_before), waiting = 0, slowed_at = excluded.slowed_at,
     pace_ms = case when p.slowed_at > clock_timestamp() - interval '2 seconds' then p.pace_ms
                    else least(60000, greatest(p.pace_ms, $3) * 2) end`,
);

/** The provider refused a call, and takes none for so long. */
export async function slowProviderClock(on: Queryable, key: string, waitMs: number, paceMs: number): Promise<void> {
  await slow(on, [key, waitMs, paceMs]);
}

const ease = statement(
  'ease-provider-clock',
  `with gone as (delete from provider_clocks where key = $1 and pace_ms <= $2 and not_before <= clock_timestamp() returning key)
   update provider_clocks set pace_ms = pace_ms / 2
    where key = $1 and not exists (select from gone) and pace_ms > $2`,
);

/** A call was answered: the next ones may come faster, and below `leastPaceMs` freely. */
export async function easeProviderClock(on: Queryable, key: string, leastPaceMs: number): Promise<void> {
  await ease(on, [key, leastPaceMs]);
}
