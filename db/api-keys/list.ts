import type { ApiKey } from '../../core/api/keys.ts';
import type { Db } from '../client.ts';
import { apiKeyOf, columns } from './rows.ts';

/** A user's keys, newest first. */
export async function listApiKeys(db: Db, userId: string): Promise<ApiKey[]> {
  const rows = await db
    .selectFrom('api_keys')
    .select(columns)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(apiKeyOf);
}
