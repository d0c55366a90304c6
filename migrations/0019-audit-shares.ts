import { sql, type Kysely } from 'kysely';

/*
 * The same act of the same person within an hour is one line of the audit log
 * with a count, and each person has a share of the lines.
 */
const statements = [
  `alter table audit_log
     add column count integer not null default 1,
     add column last_at timestamptz,
     add column share varchar(300),
     add column act bytea,
     add column hour timestamptz`,
  `update audit_log
      set last_at = at,
          share = case when actor_id is not null then 'user ' || actor_id
                       when address is not null then 'network ' || address
                       else 'about ' || coalesce(subject_id, via, '') end`,
  `alter table audit_log
     alter column last_at set default clock_timestamp(),
     alter column last_at set not null,
     alter column share set not null`,
  `create unique index audit_log_act on audit_log (act, hour)`,
  `create index audit_log_share on audit_log (share, at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
