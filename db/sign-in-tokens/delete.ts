import type { Db } from '../client.ts';

/** Ends the links of a user that nobody has used yet. */
export async function deleteSignInTokens(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('sign_in_tokens').where('user_id', '=', userId).execute();
}
