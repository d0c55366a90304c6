import type pg from 'pg';
import type { ServerConfig } from './config.ts';
import type { Db } from '../db/client.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { ServerDependencies } from './routes/deps.ts';
import type { AnyRoute } from './http/route.ts';
import { accountRoutes } from './routes/account.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { localSignIn, type BrowserSignIn } from './auth/browser-sign-in.ts';
import { createLocalAuth } from './auth/local-auth.ts';
import type { AuthProvider } from './auth/provider.ts';

export interface OpenedAuth {
  readonly provider: AuthProvider;
  readonly browser: BrowserSignIn;
  /** Routes that only this way of signing in has. */
  routes(deps: ServerDependencies): AnyRoute[];
}

/** The way of signing in that the installation is configured for. */
export async function openAuth(options: {
  readonly config: Pick<ServerConfig, 'clerk' | 'authorizedParties'>;
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly newId: () => string;
  readonly audit: AuditLog;
  /** Origins that pages of this server have where none are configured. */
  readonly ownOrigins: () => readonly string[];
  /** Hears that what is known of a person has changed with a credential; awaited. */
  readonly onChanged: (userId: string) => Promise<void>;
}): Promise<OpenedAuth> {
  const { config, db, pool, newId, audit, ownOrigins, onChanged } = options;
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
