import { sql, type Kysely } from 'kysely';

const statements = [
  // Triggers by new files. look_at: nobody looks into its folder before.
  `alter table triggers
     add column look_at timestamptz,
     drop constraint triggers_kind_check,
     add constraint triggers_kind_check check (kind in ('schedule', 'webhook', 'workflow', 'file')),
     add constraint triggers_look_check check ((kind = 'file') = (look_at is not null))`,
  `create index triggers_look on triggers (look_at) where look_at is not null`,

  // The files that a folder was seen to hold. mark: changes with the file; seen_at: it has been as it is since.
  `create table trigger_files (
     trigger_id uuid not null references triggers (id) on delete cascade,
     path text not null,
     bytes bigint not null,
     mark varchar(200) not null,
     seen_at timestamptz not null,
     is_taken boolean not null,
     primary key (trigger_id, path)
   )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
