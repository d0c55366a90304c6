import { randomBytes } from 'node:crypto';
import { TerminalError } from '../../../core/errors/app-error.ts';
import type { Db } from '../../../db/client.ts';
import { setRole } from '../../../db/members/change.ts';
import { endOidcSessions } from '../../../db/oidc-sessions/end.ts';
import { insertOidcSignIn } from '../../../db/oidc-sign-ins/insert.ts';
import { takeOidcSignIn } from '../../../db/oidc-sign-ins/take.ts';
import type { NewOidcSession } from '../../../db/oidc-sessions/insert.ts';
import { joinByGroups } from '../../../db/workspaces/groups.ts';
import { suspendExternalUser } from '../../../db/users/remove-external.ts';
import { findExternalUser } from '../../../db/users/find-external.ts';
import { saveExternalUser } from '../../../db/users/save-external.ts';
import type { ChangedRun } from '../../../db/run-sql/result.ts';
import type { SecretBox } from '../../../providers/secret-box.ts';
import { hashSecret } from '../secrets.ts';
import type { DescribedPerson, OidcClient, SignInSecrets } from './oidc-client.ts';
import { externalIdOf, profileOf, roleOf, workspaceRolesOf } from './person.ts';

/** Long enough for a second factor and a forgotten password. */
export const signInMs = 15 * 60_000;

/** What people are signed in with. */
export interface OidcSignInDependencies {
  readonly db: Db;
  readonly newId: () => string;
  readonly now: () => Date;
  /** Null: nothing is kept to ask a provider with, and sessions end by their time. */
  readonly secretBox: SecretBox | null;
}

/** What came of what a provider says about a person. */
export interface Admitted {
  readonly userId: string;
  readonly outcome: 'created' | 'linked' | 'updated' | 'unchanged';
  /** In the installation or in a workspace. */
  readonly isRoleChanged: boolean;
  /** Runs that a lower role has cancelled. */
  readonly runs: readonly ChangedRun[];
}

/** A person whom this installation does not let in (any more). */
export interface ShutOut {
  /** Null where they never had an account. */
  readonly userId: string | null;
  readonly reason: 'no group' | 'removed';
  readonly runs: readonly ChangedRun[];
}

/** Sends somebody on the way: what their browser has to keep, and which secrets go to the provider. */
export async function beginSignIn(
  { db }: OidcSignInDependencies,
  provider: string,
  next: string | null,
): Promise<{ readonly kept: string; readonly secrets: SignInSecrets }> {
  const [state, nonce, verifier] = Array.from({ length: 3 }, () => randomBytes(32).toString('base64url'));
  const secrets = { state: state!, nonce: nonce!, verifier: verifier! };
  const kept = `${secrets.nonce}.${secrets.verifier}`;
  await insertOidcSignIn(db, {
    stateHash: hashSecret(secrets.state),
    browserHash: hashSecret(kept),
    provider,
    next,
    ttlMs: signInMs,
  });
  return { kept, secrets };
}

/** Who comes back with `state` in a browser that kept `kept`, once; null where nobody of the kind is on the way. */
export async function endSignIn(
  { db }: OidcSignInDependencies,
  provider: string,
  { state, kept }: { readonly state: string; readonly kept: string },
): Promise<{ readonly next: string | null; readonly secrets: SignInSecrets } | null> {
  const [nonce, verifier] = kept.split('.');
  if (nonce === undefined || verifier === undefined) return null;
  const taken = await takeOidcSignIn(db, { stateHash: hashSecret(state), browserHash: hashSecret(kept), provider });
  return taken === null ? null : { next: taken.next, secrets: { state, nonce, verifier } };
}

/** Makes, links or brings up to date the account of a person, with the role that their groups give. */
export async function admitPerson(
  { db, newId, now }: OidcSignInDependencies,
  { provider }: OidcClient,
  person: DescribedPerson,
): Promise<Admitted | ShutOut> {
  const role = roleOf(provider, person.groups ?? []);
  const externalId = externalIdOf(provider.issuer, person.claims.sub);
  if (role === 'refused') return shutOut(db, externalId);
  const profile = profileOf(provider, person.claims, now());
  const outcome = await db.transaction().execute((trx) => saveExternalUser(trx, profile, `user_${newId()}`));
  const found = await findExternalUser(db, externalId, '');
  if (found === null || found.isRemoved) return { userId: found?.user.id ?? null, reason: 'removed', runs: [] };
  const { id: userId, role: before } = found.user;
  const isMovedByGroups = await joinByGroups(db, userId, workspaceRolesOf(provider, person.groups ?? []));
  if (role === 'own' || role === before) return { userId, outcome, isRoleChanged: isMovedByGroups, runs: [] };
  // The last owner stays one, whatever the groups say: nobody else could let anybody in.
  const change = await setRole(db, userId, role);
  const isRoleChanged = isMovedByGroups || change.kind === 'changed';
  return { userId, outcome, isRoleChanged, runs: change.kind === 'changed' ? change.runs : [] };
}

/** Ends what acts in the name of a person who is in none of the groups. */
async function shutOut(db: Db, externalId: string): Promise<ShutOut> {
  const found = await findExternalUser(db, externalId, '');
  if (found === null) return { userId: null, reason: 'no group', runs: [] };
  const runs = await db.transaction().execute((trx) => suspendExternalUser(trx, found.user.id));
  return { userId: found.user.id, reason: 'no group', runs };
}

/** What is kept of a provider's session beside ours. */
export function oidcSessionOf(
  { secretBox }: OidcSignInDependencies,
  { provider }: OidcClient,
  person: DescribedPerson,
): NewOidcSession {
  return {
    provider: provider.id,
    subject: person.claims.sub,
    providerSession: person.providerSession,
    sealedRefreshToken: sealToken(secretBox, provider.id, person),
    recheckMs: provider.recheckMinutes * 60_000,
  };
}

/** The token to ask again with, as it is stored: it opens for this person at this provider alone. */
export function sealToken(secretBox: SecretBox | null, provider: string, person: DescribedPerson): Buffer | null {
  if (secretBox === null || person.refreshToken === null) return null;
  return secretBox.seal(person.refreshToken, tokenBinding(provider, person.claims.sub));
}

/** What a sealed refresh token is bound to: it does not open for another person or provider. */
export function tokenBinding(provider: string, subject: string): string {
  return `oidc ${provider} ${subject}`;
}

/** Ends what a provider's logout notice is about; whose sessions they were. */
export async function endByNotice(db: Db, client: OidcClient, token: string): Promise<readonly string[]> {
  const notice = await client.readLogoutToken(token).catch(() => {
    throw new TerminalError(
      'WEBHOOK_INVALID',
      'The logout token is not signed by the provider, is not for this application, or is too old. Compare issuer and client id in OIDC_PROVIDERS with those of the provider.',
    );
  });
  return endOidcSessions(db, client.provider.id, notice);
}
