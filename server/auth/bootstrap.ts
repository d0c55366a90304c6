import { TerminalError } from '../../core/errors/app-error.ts';
import { apiKeyPattern, apiKeyScopes } from '../../core/api/keys.ts';
import type { Db } from '../../db/client.ts';
import { insertApiKeyOnce } from '../../db/api-keys/insert.ts';
import { insertSignInToken } from '../../db/sign-in-tokens/insert.ts';
import { findOwner } from '../../db/users/find.ts';
import { insertUserOnce } from '../../db/users/insert.ts';
import { nameOwner } from '../../db/users/update.ts';
import { setFirstPassword } from '../../db/users/set-password.ts';
import type { UserRow } from '../../db/users/rows.ts';
import { hashSecret, keyPrefix, newSecret } from './secrets.ts';

interface BootstrapOptions {
  readonly email: string | undefined;
  /** Hash of the first password. */
  readonly passwordHash: string | undefined;
  /** An API key in the usual form, chosen by whoever installs. */
  readonly apiKey: string | undefined;
  /** Make an owner without being asked for one: only programs on this machine can reach the server. */
  readonly makesOwner: boolean;
}

/** The owner where nobody named one. Nothing is ever sent to it. */
const defaultOwnerEmail = 'owner@localhost';

/** One hour: long enough to switch to a browser, short enough for a terminal's scroll-back. */
export const signInLinkTtlMs = 60 * 60_000;

/**
 * Creates what the configuration asks for, unless it is there: the first owner,
 * the owner's first password and an API key. Safe to repeat at each start and
 * from several servers at once, and nothing that was changed since then is
 * changed back. Returns the owner, or null where there is none.
 */
export async function bootstrapOwner(db: Db, options: BootstrapOptions, newId: () => string): Promise<UserRow | null> {
  const isWanted = options.email !== undefined || options.apiKey !== undefined || options.makesOwner;
  const owner = (await findOwner(db)) ?? (isWanted ? await makeOwner(db, options.email, newId) : null);
  if (owner === null) return null;
  const wanted = options.email?.trim().toLowerCase();
  // The account that was made before anybody was named takes the name; any other is left as it is.
  if (wanted !== undefined && owner.email === defaultOwnerEmail) await nameOwner(db, owner.id, wanted);
  if (options.passwordHash !== undefined) await setFirstPassword(db, owner.id, options.passwordHash);
  if (options.apiKey !== undefined) await addBootstrapKey(db, owner.id, options.apiKey, newId);
  return findOwner(db);
}

async function makeOwner(db: Db, email: string | undefined, newId: () => string): Promise<UserRow | null> {
  const wanted = email?.trim().toLowerCase() ?? defaultOwnerEmail;
  return insertUserOnce(db, { id: `user_${newId()}`, email: wanted, role: 'owner', passwordHash: null });
}

async function addBootstrapKey(db: Db, userId: string, key: string, newId: () => string): Promise<void> {
  if (!apiKeyPattern.test(key)) throw new Error('a bootstrap key of the wrong form got past the configuration');
  await insertApiKeyOnce(db, {
    id: newId(),
    userId,
    name: 'Bootstrap',
    prefix: keyPrefix(key),
    keyHash: hashSecret(key),
    scopes: apiKeyScopes,
    expiresAt: null,
  });
}

/**
 * Makes a one-time sign-in token for a user and returns it; only its hash is
 * stored. Throws MEMBER_NOT_FOUND, and SCOPE_MISSING where who makes it is no owner.
 *
 * @param madeBy the owner who asks for it; null where whoever has the machine does
 */
export async function createSignInToken(db: Db, userId: string, madeBy: string | null): Promise<string> {
  const token = newSecret();
  const outcome = await insertSignInToken(db, {
    tokenHash: hashSecret(token),
    userId,
    ttlMs: signInLinkTtlMs,
    madeBy,
  });
  if (outcome === 'missing')
    throw new TerminalError('MEMBER_NOT_FOUND', `There is no account ${userId}. Choose one from the list.`);
  if (outcome === 'no owner') throw notOwner();
  return token;
}

/** The answer to somebody whose role ended while the request was under way. */
export function notOwner(): TerminalError {
  return new TerminalError('SCOPE_MISSING', 'Only an owner of this installation may do this. Ask one.');
}

/** The same as a link for a terminal. */
export async function createSignInLink(db: Db, userId: string, baseUrl: string): Promise<string> {
  return `${baseUrl}/sign-in#token=${await createSignInToken(db, userId, null)}`;
}
