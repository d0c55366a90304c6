import { apiKeyPattern } from '../../core/api/keys.ts';
import type { Db } from '../../db/client.ts';
import { insertApiKeyOnce } from '../../db/queries/api-keys.ts';
import { insertSignInToken } from '../../db/queries/sign-in-tokens.ts';
import { findOwner, insertUserOnce, setFirstPassword, type UserRow } from '../../db/queries/users.ts';
import { hashPassword } from './password.ts';
import { hashSecret, keyPrefix, newSecret } from './secrets.ts';

export interface BootstrapOptions {
  readonly email: string | undefined;
  readonly password: string | undefined;
  /** An API key in the usual form, chosen by whoever installs. */
  readonly apiKey: string | undefined;
  /** Everything runs on one machine for one person: an owner is made without being asked for. */
  readonly embedded: boolean;
}

/** The owner where nobody named one. Nothing is ever sent to it. */
const defaultOwnerEmail = 'owner@localhost';

/** One hour: long enough to switch to a browser, short enough for a terminal's scroll-back. */
export const signInLinkTtlMs = 60 * 60_000;

/**
 * Creates what the configuration asks for, unless it is there: the owner, the
 * owner's first password and an API key. Safe to repeat at each start and from
 * several servers at once. Returns the owner, or null where there is none.
 */
export async function bootstrapOwner(db: Db, options: BootstrapOptions, newId: () => string): Promise<UserRow | null> {
  const existing = await findOwner(db);
  const isWanted = options.email !== undefined || options.apiKey !== undefined || options.embedded;
  const wantedEmail = options.email?.trim().toLowerCase();
  let owner = existing;
  if (isWanted && (existing === null || (wantedEmail !== undefined && existing.email !== wantedEmail))) {
    owner = await insertUserOnce(db, {
      id: `user_${newId()}`,
      email: wantedEmail ?? defaultOwnerEmail,
      role: 'owner',
      passwordHash: null,
    });
  }
  if (owner === null) return null;
  if (options.password !== undefined) await setFirstPassword(db, owner.id, await hashPassword(options.password));
  if (options.apiKey !== undefined) await addBootstrapKey(db, owner.id, options.apiKey, newId);
  return owner;
}

async function addBootstrapKey(db: Db, userId: string, key: string, newId: () => string): Promise<void> {
  if (!apiKeyPattern.test(key)) throw new Error('a bootstrap key of the wrong form got past the configuration');
  await insertApiKeyOnce(db, {
    id: newId(),
    userId,
    name: 'Bootstrap',
    prefix: keyPrefix(key),
    keyHash: hashSecret(key),
  });
}

/** Makes a one-time sign-in token for a user and returns it; only its hash is stored. */
export async function createSignInLink(db: Db, userId: string, baseUrl: string): Promise<string> {
  const token = newSecret();
  await insertSignInToken(db, { tokenHash: hashSecret(token), userId, ttlMs: signInLinkTtlMs });
  return `${baseUrl}/sign-in?token=${token}`;
}
