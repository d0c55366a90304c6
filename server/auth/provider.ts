import type { Credentials, Principal } from './principal.ts';

/**
 * The one door to authentication, used by HTTP and Socket.IO alike; nothing
 * else knows how people prove who they are. docs/decisions says what another
 * provider has to bring.
 */
export interface AuthProvider {
  /** The one among the credentials that counts with this provider, right or wrong; null where there is none. */
  credentialOf(credentials: Credentials): string | null;
  /**
   * Null where the credentials are wrong, expired or revoked. `expiredForMs`: a token that ended by itself so long
   * ago, or less, counts as good (default 0); what is looked up each time, such as an API key, has to be good now.
   */
  authenticate(credentials: Credentials, options?: { readonly expiredForMs: number }): Promise<Principal | null>;
}
