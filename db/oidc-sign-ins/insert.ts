import type { Db } from '../client.ts';
import { fromNow } from '../time-sql.ts';

/** Somebody on the way to a provider. */
export interface NewOidcSignIn {
  /** SHA-256. */
  readonly stateHash: Buffer;
  /** SHA-256 of what the browser keeps meanwhile. */
  readonly browserHash: Buffer;
  readonly provider: string;
  /** The page to open afterwards. */
  readonly next: string | null;
  readonly ttlMs: number;
}

/** Remembers somebody who is sent to a provider. */
export async function insertOidcSignIn(db: Db, signIn: NewOidcSignIn): Promise<void> {
  await db
    .insertInto('oidc_sign_ins')
    .values({
      state_hash: signIn.stateHash,
      browser_hash: signIn.browserHash,
      provider: signIn.provider,
      next: signIn.next,
      expires_at: fromNow(signIn.ttlMs),
    })
    .execute();
}
