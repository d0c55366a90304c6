import { sql, type Kysely } from 'kysely';

const statements = [
  // Triggers by the end of another workflow. looked_until: runs that ended before were looked at.
  `alter table triggers
     add column source_workflow_id integer references workflows (id) on delete cascade,
     add column looked_until timestamptz,
     drop constraint triggers_kind_check,
     add constraint triggers_kind_check check (kind in ('schedule', 'webhook', 'workflow')),
     add constraint triggers_source_check check ((kind = 'workflow') = (source_workflow_id is not null))`,
  `create index triggers_source on triggers (source_workflow_id) where source_workflow_id is not null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
