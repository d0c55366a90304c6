import { sql, type Kysely } from 'kysely';

/** The statements run one by one inside the migrator's transaction. */
const statements = [
  // Browsers that somebody has signed in with: guesses of others do not stand in their way.
  `create table known_browsers (
     token_hash bytea primary key,
     user_id varchar(255) not null references users (id) on delete cascade,
     created_at timestamptz not null default now(),
     last_used_at timestamptz not null default now()
   )`,
  `create index known_browsers_user on known_browsers (user_id)`,

  // A link that an owner makes for somebody ends with the owner's role.
  `alter table sign_in_tokens add column made_by varchar(255) references users (id) on delete cascade`,
  `create index sign_in_tokens_maker on sign_in_tokens (made_by)`,

  // An address that its owner has changed is shown as not proven.
  `alter table users add column email_changed_at timestamptz`,

  // One open invitation for an address, the newest.
  `delete from invitations i using invitations newer
    where i.accepted_at is null and newer.accepted_at is null and i.email = newer.email
      and (newer.created_at, newer.id) > (i.created_at, i.id)`,
  `create unique index invitations_open_email on invitations (email) where accepted_at is null`,

  // The same as before, but for people who may not run anything (any more): removed, or a viewer.
  `create or replace function take_run_turns(runs uuid[], owners text[], most_active integer, most_waiting integer)
   returns table (run uuid, turn text) language plpgsql as $$
   declare
     owner text;
     active integer;
     waiting integer;
     barred boolean;
   begin
     -- In one order everywhere, so that two statements never wait for each other.
     for owner in select distinct o from unnest(owners) as o order by o loop
       perform pg_advisory_xact_lock(hashtextextended('heddle-turns ' || owner, 0));
       barred := not exists (
         select from users u where u.id = owner and u.removed_at is null and u.role <> 'viewer');
       select count(*) into waiting from (
         select from workflow_runs r
          where r.user_id = owner and r.finished_at is null and r.admitted_at is null limit greatest(1, most_waiting)) w;
       active := most_active;
       if waiting = 0 then
         select count(*) into active from (
           select from workflow_runs r
            where r.user_id = owner and r.finished_at is null and r.admitted_at is not null limit most_active) a;
       end if;
       for run in select i.id from unnest(runs, owners) with ordinality as i(id, owned_by, place)
                   where i.owned_by = owner order by i.place loop
         if barred then
           turn := 'barred';
         elsif exists (select from workflow_runs r where r.id = run) then
           turn := 'known';
         elsif active < most_active and waiting = 0 then
           active := active + 1;
           turn := 'admitted';
         elsif waiting < most_waiting then
           waiting := waiting + 1;
           turn := 'waiting';
         else
           turn := 'full';
         end if;
         return next;
       end loop;
     end loop;
   end $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
