import type { Request } from 'express';
import { TerminalError } from '../../core/errors/app-error.ts';
import { authorize } from './authorize.ts';
import { isOriginAllowed } from '../request/origin.ts';
import type { KnownCredentials } from '../auth/known-credentials.ts';
import { credentialsOf, type Principal } from '../auth/principal.ts';
import type { AuthProvider } from '../auth/provider.ts';
import { limit, type RateLimits } from '../limits/rate-limits.ts';
import type { AnyRoute } from './route.ts';

/** What a gate knows of credentials, origins and rates. */
export interface GateOptions {
  readonly auth: Pick<AuthProvider, 'credentialOf'>;
  readonly credentials: KnownCredentials;
  readonly allowedOrigins: readonly string[];
  readonly trustForwardedHost: boolean;
  readonly rates: RateLimits;
}

/** What of a route says who may come in. */
type GatedRoute = Pick<AnyRoute, 'method' | 'path' | 'auth' | 'scope' | 'isClosedToViewers' | 'rate'>;

/** Decides before any work who is asking, and whether that may go on. */
export interface Gates {
  /** Who is asking; null on a route that is open to anybody. Throws where the request may not go on. */
  identify(route: GatedRoute, request: Request): Promise<Principal | null>;
}

/** The gates of all routes of a server. */
export function createGates(options: GateOptions): Gates {
  const { rates } = options;
  return {
    identify: async (route, request) => {
      const credentials = credentialsOf(request.headers);
      const isUnsafe = route.method !== 'get';
      // A bearer token is never attached by a browser on its own; a cookie is.
      if (isUnsafe && credentials.bearer === null && !isOriginAllowed(request, options)) {
        throw new TerminalError(
          'ORIGIN_NOT_ALLOWED',
          'This request came from a page of another site and was refused. Use the app at its own address, or have the operator name that site in ALLOWED_ORIGINS.',
        );
      }
      const address = request.ip ?? 'unknown';
      if (route.auth === 'none') {
        limit(await rates.takeFrom('address', address));
        return null;
      }
      if (options.auth.credentialOf(credentials) === null) {
        throw new TerminalError('AUTH_REQUIRED', 'Sign in, or send "Authorization: Bearer <API key>".');
      }
      const principal = await options.credentials.authenticate(credentials);
      if (principal === null) {
        // Right ones always pass: a wrong script must not lock out its neighbors behind the same address.
        limit(await rates.takeFrom('badCredential', address));
        throw new TerminalError('AUTH_INVALID', 'The credential is wrong, has expired or was revoked. Sign in again.');
      }
      limit(await rates.take(route.rate ?? 'api', principal.userId));
      authorize(route, principal);
      return principal;
    },
  };
}
