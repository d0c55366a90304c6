import type { Db } from '../client.ts';
import { ago } from '../time-sql.ts';

/** Forgets the browsers of a user. */
export async function deleteKnownBrowsers(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('known_browsers').where('user_id', '=', userId).execute();
}

/** Forgets browsers that have not signed in for `ageMs`. */
export async function deleteOldKnownBrowsers(db: Db, ageMs: number): Promise<void> {
  await db.deleteFrom('known_browsers').where('last_used_at', '<', ago(ageMs)).execute();
}
