import { sql, type Kysely } from 'kysely';

/*
 * Clocks of providers that learn from answers: how many calls are left (`left_calls`), until when that is known
 * (`left_until`), and how long one more takes to come back (`refill_ms`; null: all of them at once, then). A running earlier
 * version goes on with its own clocks, which are those of whole keys, and does not see what is left of a model.
 */
const statements = [
  `alter table provider_clocks
     add column left_calls integer, add column left_until timestamptz, add column refill_ms integer`,

  // A turn by several clocks at once: null where none of them is there, 0 where it is one's turn by all, else in how many
  // milliseconds to come again. Who comes for the first time gets a place, of those of five minutes; who comes again is near
  // the front; who is not waited for gets none. Places of those who never come are forgotten: each turn frees one, and a clock
  // that has been open for longer than a pace has no line. The last of the calls that are left shuts the clock until there are
  // some again (`slowed_at` says since when).
  `create function take_provider_turns(clocks text[], comes text) returns double precision language plpgsql as $$
   declare
     c provider_clocks;
     moment timestamptz;
     longest double precision := 0;
   begin
     -- In one order everywhere, so that two statements never wait for each other.
     perform from provider_clocks p where p.key = any(clocks) order by p.key for update;
     if not found then return null; end if;
     moment := clock_timestamp();
     for c in select * from provider_clocks p where p.key = any(clocks) and p.not_before > moment loop
       longest := greatest(longest, 1, extract(epoch from (c.not_before - moment)) * 1000
         + case comes when 'first' then least(300000, c.pace_ms::double precision * c.waiting)
                      when 'again' then c.pace_ms * random() * least(c.waiting, 8) else 0 end);
     end loop;
     if longest > 0 then
       if comes = 'first' then
         update provider_clocks p set waiting = p.waiting + 1 where p.key = any(clocks) and p.not_before > moment;
       end if;
       return longest;
     end if;
     update provider_clocks p set
            not_before = case when p.left_calls <= 1 and p.left_until > moment
                              then coalesce(moment + make_interval(secs => p.refill_ms / 1000.0), p.left_until)
                              else moment + make_interval(secs => p.pace_ms / 1000.0) end,
            pace_ms = case when p.left_calls <= 1 and p.left_until > moment
                           then greatest(p.pace_ms, coalesce(p.refill_ms, 250)) else p.pace_ms end,
            left_calls = case when p.left_calls > 1 and p.left_until > moment then p.left_calls - 1 end,
            waiting = case when p.not_before + make_interval(secs => p.pace_ms / 1000.0) < moment then 0
                           else greatest(0, p.waiting - 1) end,
            slowed_at = case when p.left_calls <= 1 and p.left_until > moment then moment else p.slowed_at end
      where p.key = any(clocks);
     return 0;
   end $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
