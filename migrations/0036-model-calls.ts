import { sql, type Kysely } from 'kysely';

/*
 * Calls of models: what they cost, how much may be spent, and when a provider takes them.
 *
 * A row of `model_calls` is written before a paid call, with what it will probably cost, and gets what it did cost after it.
 * So two calls at once cannot both spend what is left of a budget. A row of `provider_clocks` is there only while a provider
 * asks for fewer calls: without one, a call costs a look-up.
 */
const statements = [
  `create table model_calls (
     id uuid primary key default gen_random_uuid(),
     user_id varchar(255) not null references users (id) on delete cascade,
     workflow_id integer not null,
     run_id uuid not null,
     node_id varchar(255) not null,
     node_execution_id uuid not null,
     attempt integer not null,
     provider varchar(100) not null,
     model varchar(255) not null,
     expected_usd double precision not null,
     cost_usd double precision,
     settled_at timestamptz,
     created_at timestamptz not null default clock_timestamp()
   )`,
  `create index model_calls_user on model_calls (user_id, created_at)`,
  `create index model_calls_workflow on model_calls (workflow_id, node_id, created_at)`,
  `create index model_calls_run on model_calls (run_id)`,
  `create index model_calls_open on model_calls (node_execution_id) where settled_at is null`,

  `create table budgets (
     id uuid primary key default gen_random_uuid(),
     user_id varchar(255) not null references users (id) on delete cascade,
     workflow_id integer references workflows (id) on delete cascade,
     period varchar(10) not null check (period in ('run', 'day', 'month')),
     limit_usd double precision not null check (limit_usd >= 0),
     updated_at timestamptz not null default now(),
     unique nulls not distinct (user_id, workflow_id, period)
   )`,
  `create index budgets_workflow on budgets (workflow_id)`,

  `create table provider_clocks (
     key varchar(400) primary key,
     not_before timestamptz not null,
     pace_ms integer not null,
     waiting integer not null default 0,
     slowed_at timestamptz not null default clock_timestamp()
   )`,

  // The beginning of a day or a month, by UTC; of a run: the beginning of time.
  `create function budget_since(period text) returns timestamptz language sql stable as $$
     select case period when 'run' then '-infinity'::timestamptz
            else date_trunc(period, clock_timestamp() at time zone 'UTC') at time zone 'UTC' end
   $$`,

  // What counts against a budget: what was spent, and what calls that are under way will probably cost.
  `create function budget_spent(owner text, workflow integer, period text, run uuid) returns double precision language sql stable as $$
     select coalesce(sum(coalesce(c.cost_usd, c.expected_usd)), 0)
       from model_calls c
      where c.user_id = owner and (workflow is null or c.workflow_id = workflow)
        and (period <> 'run' or c.run_id = run) and c.created_at >= budget_since(period)
   $$`,

  // A turn at a provider: null where it does not ask for fewer calls, 0 where it is one's turn, else in how many milliseconds to
  // come again. Who is refused gets a place, of those of five minutes: the pace may be another one by then.
  `create function take_provider_turn(clock text) returns double precision language plpgsql as $$
   declare
     c provider_clocks;
     moment timestamptz;
   begin
     select * into c from provider_clocks p where p.key = clock for update;
     if not found then return null; end if;
     moment := clock_timestamp();
     if c.not_before <= moment then
       update provider_clocks p set not_before = moment + make_interval(secs => c.pace_ms / 1000.0),
              waiting = greatest(0, c.waiting - 1) where p.key = clock;
       return 0;
     end if;
     update provider_clocks p set waiting = c.waiting + 1 where p.key = clock;
     return extract(epoch from (c.not_before - moment)) * 1000 + least(300000, c.pace_ms::double precision * c.waiting);
   end $$`,

  // Writes down a call that is about to be made, unless a budget has no room for it. One at a time for each owner of budgets.
  `create function begin_model_call(
     owner text, workflow integer, run uuid, node text, execution uuid, tried integer, by_provider text, of_model text,
     listed double precision)
   returns table (call uuid, budget uuid, period text, allowed double precision, spent double precision, expected double precision)
   language plpgsql as $$
   declare
     whole uuid;
     b budgets;
   begin
     whole := coalesce((whole_runs(array[run]))[1], run);
     expected := coalesce(
       (select percentile_cont(0.5) within group (order by m.cost_usd) from (
          select c.cost_usd from model_calls c
           where c.workflow_id = workflow and c.node_id = node and c.user_id = owner and c.model = of_model
             and c.cost_usd is not null order by c.created_at desc limit 20) m),
       listed,
       (select percentile_cont(0.5) within group (order by m.cost_usd) from (
          select c.cost_usd from model_calls c
           where c.user_id = owner and c.model = of_model and c.cost_usd is not null
           order by c.created_at desc limit 20) m),
       0);
     if exists (select from budgets x where x.user_id = owner and (x.workflow_id is null or x.workflow_id = workflow)) then
       perform pg_advisory_xact_lock(hashtextextended('heddle-budgets ' || owner, 0));
       for b in select x.* from budgets x
                 where x.user_id = owner and (x.workflow_id is null or x.workflow_id = workflow) order by x.id loop
         spent := budget_spent(owner, b.workflow_id, b.period, whole);
         -- To the hundredth of a cent: sums of fractions are not exact.
         if spent + greatest(expected, 0.0001) > b.limit_usd + 0.00005 then
           budget := b.id; period := b.period; allowed := b.limit_usd;
           return next;
           return;
         end if;
       end loop;
     end if;
     insert into model_calls (user_id, workflow_id, run_id, node_id, node_execution_id, attempt, provider, model, expected_usd)
     values (owner, workflow, whole, node, execution, tried, by_provider, of_model, expected)
     returning id into call;
     return next;
   end $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
