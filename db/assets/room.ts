import { sql } from 'kysely';
import type { StorageQuota } from '../../core/limits.ts';
import type { Db } from '../client.ts';
import { hold } from '../hold.ts';

/** What is asked for counts with all files that the user keeps or that are under way. */
export async function isRoom(
  transaction: Db,
  { userId, bytes, files, except }: { userId: string; bytes: number; files: number; except: string },
  quota: StorageQuota,
): Promise<boolean> {
  const { rows } = await sql<{ files: string; bytes: string }>`
    select count(*) as files, coalesce(sum(bytes), 0) as bytes from (
      select bytes + derived_bytes as bytes from assets where user_id = ${userId}
      union all
      select bytes from asset_reservations
       where user_id = ${userId} and id <> ${except} and expires_at > clock_timestamp()) kept`.execute(transaction);
  const kept = rows[0]!;
  return Number(kept.files) + files <= quota.maxFiles && Number(kept.bytes) + bytes <= quota.maxBytes;
}

/** Makes whoever asks for room of one user wait for each other, so that together they cannot exceed the quota. */
export async function lockUser(transaction: Db, userId: string): Promise<void> {
  await hold(transaction, 'assets', userId);
}
