import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import type { Logger } from '../core/node-type/executor.ts';
import { findOidcSession } from '../db/oidc-sessions/find.ts';
import type { ChangedRun } from '../db/run-sql/result.ts';
import type { SecretBox } from '../providers/secret-box.ts';
import type { ServerConfig } from './config.ts';
import type { Db } from '../db/client.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { ServerDependencies } from './routes/deps.ts';
import type { AnyRoute } from './http/route.ts';
import { accountRoutes } from './routes/account.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { localSignIn, signInBeside, type BrowserSignIn } from './auth/browser-sign-in.ts';
import { createLocalAuth } from './auth/local-auth.ts';
import type { AuthProvider } from './auth/provider.ts';

/** How people sign in here, and the routes that belong to that. */
export interface OpenedAuth {
  readonly provider: AuthProvider;
  readonly browser: BrowserSignIn;
  /** Routes that only this way of signing in has. */
  routes(deps: ServerDependencies): AnyRoute[];
}

interface AuthOptions {
  readonly config: Pick<ServerConfig, 'clerk' | 'oidc' | 'authorizedParties'>;
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly newId: () => string;
  readonly audit: AuditLog;
  /** Origins that pages of this server have where none are configured. */
  readonly ownOrigins: () => readonly string[];
  /** Hears that what is known of a person has changed with a credential; awaited. */
  readonly onChanged: (userId: string) => Promise<void>;
  /** The same with runs that were cancelled by it. */
  readonly onEnded: (userId: string, cancelled: readonly ChangedRun[]) => Promise<void>;
  /** Null: nothing can be stored sealed. */
  readonly secretBox: SecretBox | null;
  readonly logger: Logger;
}

/** The way of signing in that the installation is configured for. */
export async function openAuth(options: AuthOptions): Promise<OpenedAuth> {
  const { config, db, pool, newId, audit, ownOrigins, onChanged } = options;
  if (config.oidc.length > 0) return openOidc(options);
  if (config.clerk === null) {
    return {
      provider: createLocalAuth({ pool }),
      browser: localSignIn,
      routes: (deps) => [...signInRoutes(deps), ...accountRoutes(deps), ...invitationRoutes(deps)],
    };
  }
  const { webhookSecret } = config.clerk;
  // Only here: an installation without Clerk does not load its code.
  const { clerkSignIn, createClerkAuth } = await import('./auth/clerk/clerk-auth.ts');
  const { clerkWebhookRoutes } = await import('./routes/clerk/webhook.ts');
  return {
    provider: createClerkAuth({
      db,
      pool,
      newId,
      audit,
      settings: config.clerk,
      onChanged,
      authorizedParties: () => (config.authorizedParties.length > 0 ? config.authorizedParties : ownOrigins()),
    }),
    browser: clerkSignIn(config.clerk),
    routes: (deps) => (webhookSecret === null ? [] : clerkWebhookRoutes(deps, { signingSecret: webhookSecret })),
  };
}

/** Accounts of this installation beside OpenID Connect providers. */
async function openOidc({ config, db, pool, newId, secretBox, logger, onEnded }: AuthOptions): Promise<OpenedAuth> {
  // Only here: an installation without providers does not load their code.
  const { createOidcClient } = await import('./auth/oidc/oidc-client.ts');
  const { createSessionRecheck } = await import('./auth/oidc/recheck.ts');
  const { oidcRoutes } = await import('./routes/oidc/oidc.ts');
  const clients = new Map(
    config.oidc.map((provider) => [provider.id, createOidcClient({ provider, now: () => performance.now() })]),
  );
  const signIn = { db, newId, secretBox, now: () => new Date() };
  const providerOf = async (sessionId: string) => (await findOidcSession(db, sessionId))?.provider ?? null;
  return {
    provider: createLocalAuth({
      pool,
      recheck: createSessionRecheck({ ...signIn, clients, logger, onChanged: onEnded }),
    }),
    browser: signInBeside(config.oidc),
    routes: (deps) => [
      ...signInRoutes(deps, { providerOf }),
      ...accountRoutes(deps),
      ...invitationRoutes(deps),
      ...oidcRoutes(deps, { clients, signIn }),
    ],
  };
}
