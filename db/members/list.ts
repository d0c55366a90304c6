import { sql } from 'kysely';
import type { Member } from '../../core/api/members.ts';
import type { Db } from '../client.ts';
import { userColumns } from '../users/rows.ts';

/** Everybody who has an account, the oldest first. */
export async function listMembers(db: Db): Promise<Member[]> {
  const rows = await db
    .selectFrom('users')
    .select([
      ...userColumns,
      'users.created_at as createdAt',
      sql<Date | null>`case when users.email_verified_at >= users.email_changed_at then null else users.email_changed_at end`.as(
        'emailChangedAt',
      ),
      sql<Date | null>`greatest(
        (select max(last_used_at) from sessions where user_id = users.id),
        (select max(last_used_at) from api_keys where user_id = users.id))`.as('lastSeenAt'),
    ])
    .where('users.removed_at', 'is', null)
    .where('users.kind', '=', 'person')
    .orderBy('users.created_at')
    .orderBy('users.id')
    .execute();
  return rows.map(({ createdAt, lastSeenAt, emailChangedAt, ...user }) => ({
    ...user,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
    emailChangedAt: emailChangedAt?.toISOString() ?? null,
  }));
}
