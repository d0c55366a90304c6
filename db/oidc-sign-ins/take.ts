import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Takes back who comes from a provider, once; null where nobody of that state, browser and provider is on the way. */
export async function takeOidcSignIn(
  db: Db,
  { stateHash, browserHash, provider }: { stateHash: Buffer; browserHash: Buffer; provider: string },
): Promise<{ next: string | null } | null> {
  const row = await db
    .deleteFrom('oidc_sign_ins')
    .where('state_hash', '=', stateHash)
    .where('browser_hash', '=', browserHash)
    .where('provider', '=', provider)
    .where('expires_at', '>', sql<Date>`now()`)
    .returning('next')
    .executeTakeFirst();
  return row ?? null;
}
