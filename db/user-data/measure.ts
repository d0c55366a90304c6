import { statement, type Queryable } from '../statement.ts';
import { rowBytes } from './row-bytes.ts';

/** What a user keeps in the database. */
export interface UserData {
  readonly workflows: number;
  /** Workflows, their versions, batches, triggers and links with what they give, deliveries, messages to callbacks, and what finished runs keep, as stored. */
  readonly bytes: number;
}

/*
 * Sizes as stored: compressed values are not unpacked.
 *
 * Relies on workflows_user_updated, workflow_versions (workflow_id, content_hash),
 * published_versions (workflow_id, number), batches_user, triggers_user, trigger_deliveries_recent, trigger_fires_recent,
 * app_links_user, workflow_callbacks_user and callback_messages_recent.
 * Kept drafts are too few to count beside their graphs.
 */
const read = statement<{ workflows: number; bytes: string }>(
  'measure-user-data',
  `select (select count(*)::integer from workflows where user_id = $1) as workflows,
          (select coalesce(sum(pg_column_size(data) + ${rowBytes}), 0) from workflows where user_id = $1)
          + (select coalesce(sum(pg_column_size(v.data) + ${rowBytes}), 0)
               from workflows w join workflow_versions v on v.workflow_id = w.id where w.user_id = $1)
          + (select coalesce(sum(octet_length(p.note) + ${rowBytes}), 0)
               from workflows w join published_versions p on p.workflow_id = w.id where w.user_id = $1)
          + (select coalesce(sum(b.bytes + (b.total + 1) * ${rowBytes}), 0) from batches b where b.user_id = $1)
          + (select coalesce(sum(pg_column_size(d.body) + pg_column_size(d.headers) + ${rowBytes}), 0)
               from triggers t join trigger_deliveries d on d.trigger_id = t.id where t.user_id = $1)
          + (select coalesce(sum(pg_column_size(t.inputs) + pg_column_size(t.settings) + ${rowBytes}), 0)
               from triggers t where t.user_id = $1)
          + (select coalesce(sum(pg_column_size(f.inputs)), 0)
               from triggers t join trigger_fires f on f.trigger_id = t.id where t.user_id = $1)
          + (select coalesce(sum(pg_column_size(l.fixed) + coalesce(pg_column_size(l.inputs), 0) + ${rowBytes}), 0)
               from app_links l where l.user_id = $1)
          + (select coalesce(sum(pg_column_size(m.body)), 0)
               from workflow_callbacks c join callback_messages m on m.callback_id = c.id where c.user_id = $1)
          + coalesce((select run_bytes from user_data where user_id = $1), 0) as bytes`,
);

/** Reads everything that the user has: once in a while, not in a request. */
export async function measureUserData(on: Queryable, userId: string): Promise<UserData> {
  const [row] = await read(on, [userId]);
  return { workflows: row!.workflows, bytes: Number(row!.bytes) };
}
