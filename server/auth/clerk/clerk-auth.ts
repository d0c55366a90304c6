import { createHash } from 'node:crypto';
import type pg from 'pg';
import { verifyToken } from '@clerk/express';
import type { Db } from '../../../db/client.ts';
import { findExternalUser } from '../../../db/users/find-external.ts';
import { saveExternalUser } from '../../../db/users/save-external.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import { authenticateApiKey } from '../api-key-auth.ts';
import { sessionPrincipal, type Credentials, type Principal } from '../principal.ts';
import type { BrowserSignIn } from '../browser-sign-in.ts';
import type { AuthProvider } from '../provider.ts';
import { claimsSchema, profileOf, type Claims } from './claims.ts';
import type { ClerkSettings } from './settings.ts';

interface ClerkAuthOptions {
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly audit: AuditLog;
  readonly newId: () => string;
  readonly settings: ClerkSettings;
  /** Origins whose pages tokens may have been made for. */
  readonly authorizedParties: () => readonly string[];
  /** Hears that a token brought news of a person; awaited. */
  readonly onChanged: (userId: string) => Promise<void>;
}

/** What begins so is a key of ours and is never shown to Clerk's code. */
const ownKeyPrefix = 'hdl_';

/** Clocks of two machines differ by so much: Clerk's own default. */
const clockSkewMs = 5_000;

/** Where Clerk asks whether somebody is a person. */
const challengeOrigin = 'https://challenges.cloudflare.com';

/**
 * Sign-in kept by Clerk. Session tokens are verified with its public key alone:
 * no request of ours ever goes to Clerk, and no client of its API is made. The
 * token of the header is taken, or the one of the cookie that Clerk's script
 * keeps on our own host, which is what images and videos are loaded with.
 */
export function createClerkAuth(options: ClerkAuthOptions): AuthProvider {
  const { db, pool, audit, newId, settings } = options;
  const cookieNames = [`__session_${cookieSuffix(settings.publishableKey)}`, '__session'];

  const tokenOf = ({ bearer, cookies }: Credentials): string | null =>
    bearer ?? cookieNames.map((name) => cookies.get(name)).find((value) => value !== undefined) ?? null;

  async function verify(token: string, expiredForMs: number): Promise<Claims | null> {
    try {
      const payload = await verifyToken(token, {
        jwtKey: settings.jwtKey,
        secretKey: settings.secretKey,
        issuer: settings.issuer,
        authorizedParties: [...options.authorizedParties()],
        clockSkewInMs: clockSkewMs + expiredForMs,
      });
      const claims = claimsSchema.parse(payload);
      return claims.sts === 'pending' ? null : claims;
    } catch {
      return null;
    }
  }

  async function principalOf(claims: Claims): Promise<Principal | null> {
    const sessionId = claims.sid;
    const find = () => findExternalUser(db, claims.sub, sessionId);
    let found = await find();
    const profile = profileOf(claims);
    const says = profile.email !== null || profile.firstName !== undefined || profile.lastName !== undefined;
    const isNews = says && found !== null && (found.externalAt === null || found.externalAt < profile.at);
    const isShown = found !== null && profile.isEmailVerified && !found.isEmailVerified;
    if (found === null || (isNews && (isShown || differs(found.user, profile)))) {
      const outcome = await db.transaction().execute((trx) => saveExternalUser(trx, profile, `user_${newId()}`));
      found = await find();
      if (found !== null && outcome !== 'unchanged') await options.onChanged(found.user.id);
      if (found !== null && (outcome === 'created' || outcome === 'linked')) {
        const { id, email, role } = found.user;
        const actor = { userId: id, email, via: 'session' as const };
        await audit.record({ action: 'member.join', actor, request: null, via: 'clerk', details: { role, outcome } });
      }
    }
    if (found === null || found.isRemoved || found.isSessionEnded) return null;
    return sessionPrincipal(found.user, sessionId, new Date(claims.exp * 1_000));
  }

  return {
    credentialOf: tokenOf,
    authenticate: async (credentials, { expiredForMs } = { expiredForMs: 0 }) => {
      const token = tokenOf(credentials);
      if (token === null) return null;
      if (token.startsWith(ownKeyPrefix)) return credentials.bearer === null ? null : authenticateApiKey(pool, token);
      const claims = await verify(token, expiredForMs);
      return claims === null ? null : principalOf(claims);
    },
  };
}

/** Sign-in with the pieces that Clerk's script draws. */
export function clerkSignIn({ publishableKey, frontendApi }: ClerkSettings): BrowserSignIn {
  return {
    client: { mode: 'clerk', publishableKey, providers: [] },
    sources: {
      scripts: [frontendApi, challengeOrigin],
      connections: [frontendApi],
      frames: [challengeOrigin],
    },
  };
}

function differs(
  user: { email: string; firstName: string | null; lastName: string | null },
  said: ReturnType<typeof profileOf>,
) {
  return (
    (said.email !== null && said.email !== user.email) ||
    (said.firstName !== undefined && said.firstName !== user.firstName) ||
    (said.lastName !== undefined && said.lastName !== user.lastName)
  );
}

/** Clerk keeps a cookie for each of its applications on one host apart by the key's hash. */
function cookieSuffix(publishableKey: string): string {
  return createHash('sha1').update(publishableKey).digest('base64url').slice(0, 8);
}
