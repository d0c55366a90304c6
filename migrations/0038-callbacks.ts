import { sql, type Kysely } from 'kysely';

const statements = [
  // A message of an open question, one for each; those of ends have none. Two secrets sign while one is replaced.
  `alter table callback_messages
     add column wait_id uuid,
     drop constraint callback_messages_event_check,
     add constraint callback_messages_event_check check (event in ('run.finished', 'run.failed', 'run.waiting')),
     add constraint callback_messages_wait_check check ((event = 'run.waiting') = (wait_id is not null)),
     drop constraint callback_messages_callback_id_run_id_event_key`,
  `create unique index callback_messages_once on callback_messages
     (callback_id, run_id, event, coalesce(wait_id, '00000000-0000-0000-0000-000000000000'))`,
  `alter table workflow_callbacks add column has_old_secret boolean not null default false`,

  // What is due is looked for callback by callback, so that those of many users come in turn.
  `drop index callback_messages_due`,
  `create index callback_messages_due on callback_messages (callback_id, try_at) where try_at is not null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
