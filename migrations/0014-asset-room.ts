import { sql, type Kysely } from 'kysely';

/*
 * Room that files under way take in their user's quota, before their bytes are
 * kept. A content is named as soon as it is known, so that nobody removes the
 * blob between its put and its row. What a crash leaves behind runs out.
 */
const statements = [
  `create table asset_reservations (
     id uuid primary key,
     user_id varchar(255) not null references users (id) on delete cascade,
     bytes bigint not null,
     sha256 char(64),
     expires_at timestamptz not null
   )`,
  `create index asset_reservations_user on asset_reservations (user_id)`,
  `create index asset_reservations_sha256 on asset_reservations (sha256) where sha256 is not null`,

  // Takes room for a file, and so much ahead as there is; null where there is not enough. One user waits in line.
  `create function take_asset_room(room uuid, owner text, wanted bigint, ahead bigint, content text,
                                   max_bytes bigint, max_files bigint, lasts_ms double precision)
   returns bigint language plpgsql as $$
   declare
     files bigint;
     used bigint;
     taken bigint;
   begin
     perform pg_advisory_xact_lock(hashtextextended('heddle-assets ' || owner, 0));
     select count(*), coalesce(sum(k.bytes), 0) into files, used from (
       select a.bytes + a.derived_bytes as bytes from assets a where a.user_id = owner
       union all
       select r.bytes from asset_reservations r
        where r.user_id = owner and r.id <> room and r.expires_at > clock_timestamp()) k;
     if files >= max_files or used + wanted > max_bytes then return null; end if;
     taken := greatest(wanted, least(wanted + ahead, max_bytes - used));
     -- Whoever removes the content waits, or is waited for.
     if content is not null then perform pg_advisory_xact_lock(hashtextextended('heddle-content ' || content, 0)); end if;
     insert into asset_reservations (id, user_id, bytes, sha256, expires_at)
     values (room, owner, taken, content, clock_timestamp() + make_interval(secs => lasts_ms / 1000))
     on conflict (id) do update set
       bytes = excluded.bytes, sha256 = excluded.sha256, expires_at = excluded.expires_at;
     return taken;
   end $$`,

  // The list by size.
  `create index assets_user_bytes on assets (user_id, bytes desc, id desc)`,

  // What previews of the content take; it counts towards the quota.
  `alter table assets add column derived_bytes bigint not null default 0`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
