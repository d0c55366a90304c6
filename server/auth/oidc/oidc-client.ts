import { createRemoteJWKSet, customFetch as joseFetch, jwtVerify } from 'jose';
import * as openid from 'openid-client';
import { z } from 'zod';
import { groupsOf, personSchema } from './person.ts';
import type { OidcProvider } from './settings.ts';

/** A person as the provider describes them now. */
export interface DescribedPerson {
  readonly claims: z.output<typeof personSchema>;
  /** Null where the provider was silent about them, in an answer that need not tell: as they were. */
  readonly groups: readonly string[] | null;
  /** The session at the provider; null where it does not say. */
  readonly providerSession: string | null;
  /** To ask again with; null where none was given. */
  readonly refreshToken: string | null;
}

/** What the browser keeps while its person is at the provider. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Whose sessions a provider wants ended. */
export type LogoutNotice = { readonly providerSession: string } | { readonly subject: string };

/**
 * One OpenID Connect provider, by authorization code with PKCE. What it answers is checked by openid-client: issuer,
 * audience, signature, nonce, times, and that the answer is of this provider. Throws where it cannot be reached or where
 * what it says does not hold.
 */
export interface OidcClient {
  readonly provider: OidcProvider;
  /** Where to send the browser. */
  authorizationUrl(callback: string, secrets: SignInSecrets): Promise<URL>;
  /** Who came back, by the address that they came back to. */
  exchange(callback: URL, secrets: SignInSecrets): Promise<DescribedPerson>;
  /** Asks about a person again. Null: the provider will not hear of them any more. */
  refresh(refreshToken: string, subject: string): Promise<DescribedPerson | null>;
  /** Where the browser ends its session at the provider; null where there is no such place. */
  signOutUrl(after: string): Promise<URL | null>;
  /** What a logout token of the provider asks for. Throws where it is not genuine. */
  readLogoutToken(token: string): Promise<LogoutNotice>;
}

/** The provider's description is read anew each day: keys and addresses change. */
const keepDescriptionMs = 24 * 60 * 60_000;
/** Somebody waits at a white page meanwhile. */
const timeoutSeconds = 10;
/** Clocks of two machines differ by so much; the library's own default. */
const clockTolerance = 30;

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
const logoutSchema = z
  .object({
    sub: z.string().min(1).max(255).optional(),
    sid: z.string().min(1).max(255).optional(),
    // That would be an ID token.
    nonce: z.undefined().optional(),
    events: z.object({ [logoutEvent]: z.record(z.string(), z.unknown()) }),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined);

/** The provider and what this installation is registered as. */
export interface OidcClientOptions {
  readonly provider: OidcProvider;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
  readonly fetch?: typeof fetch;
}

/** Asks the provider for its addresses when they are needed first. */
export function createOidcClient({ provider, now, fetch: ownFetch = fetch }: OidcClientOptions): OidcClient {
  let known: { readonly config: Promise<Described>; readonly until: number } | undefined;

  interface Described {
    readonly config: openid.Configuration;
    readonly keys: ReturnType<typeof createRemoteJWKSet> | null;
  }

  async function describe(): Promise<Described> {
    const isInsecure = new URL(provider.issuer).protocol === 'http:';
    const config = await openid.discovery(
      new URL(provider.issuer),
      provider.clientId,
      { [openid.clockTolerance]: clockTolerance },
      provider.clientSecret === null ? openid.None() : openid.ClientSecretBasic(provider.clientSecret),
      {
        timeout: timeoutSeconds,
        // Signatures are checked also of what came by a direct connection, which the library leaves out by itself; and
        // http is there only on this machine: the settings let no other address through.
        execute: [openid.enableNonRepudiationChecks, ...(isInsecure ? [openid.allowInsecureRequests] : [])],
        [openid.customFetch]: ownFetch as openid.CustomFetch,
      },
    );
    const { jwks_uri: keysAt } = config.serverMetadata();
    const keys =
      keysAt === undefined
        ? null
        : createRemoteJWKSet(new URL(keysAt), { timeoutDuration: timeoutSeconds * 1_000, [joseFetch]: ownFetch });
    return { config, keys };
  }

  function described(): Promise<Described> {
    if (known !== undefined && known.until > now()) return known.config;
    const asked = { config: describe(), until: now() + keepDescriptionMs };
    known = asked;
    // What failed is asked for again.
    asked.config.catch(() => {
      if (known === asked) known = undefined;
    });
    return asked.config;
  }

  /** E-mail and groups are in the ID token of some, with the person's description of others; the latter counts. */
  async function personOf(
    config: openid.Configuration,
    tokens: openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers,
    subject: string,
  ): Promise<DescribedPerson> {
    const told = tokens.claims();
    const inToken: Readonly<Record<string, unknown>> = told ?? {};
    const hasInfo = config.serverMetadata().userinfo_endpoint !== undefined;
    const info = hasInfo ? await openid.fetchUserInfo(config, tokens.access_token, subject) : {};
    const claims = { ...inToken, ...info, sub: subject };
    const sid = inToken['sid'];
    return {
      claims: personSchema.parse(claims),
      // The answer to a refresh may lack the ID token, and with it groups that stand nowhere else.
      groups:
        told === undefined && !Object.hasOwn(claims, provider.groupsClaim)
          ? null
          : groupsOf(claims, provider.groupsClaim),
      providerSession: typeof sid === 'string' && sid.length <= 255 ? sid : null,
      refreshToken: tokens.refresh_token ?? null,
    };
  }

  return {
    provider,
    authorizationUrl: async (callback, { state, nonce, verifier }) => {
      const { config } = await described();
      return openid.buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope: provider.scopes.join(' '),
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        // Without it some give no token to ask again with.
        ...(provider.scopes.includes('offline_access') ? { prompt: 'consent' } : {}),
      });
    },
    exchange: async (callback, { state, nonce, verifier }) => {
      const { config } = await described();
      const tokens = await openid.authorizationCodeGrant(config, callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      return personOf(config, tokens, tokens.claims()!.sub);
    },
    refresh: async (refreshToken, subject) => {
      const { config } = await described();
      try {
        const tokens = await openid.refreshTokenGrant(config, refreshToken);
        return await personOf(config, tokens, subject);
      } catch (error) {
        if (isRefusal(error)) return null;
        throw error;
      }
    },
    signOutUrl: async (after) => {
      const { config } = await described();
      if (config.serverMetadata().end_session_endpoint === undefined) return null;
      return openid.buildEndSessionUrl(config, { post_logout_redirect_uri: after });
    },
    readLogoutToken: async (token) => {
      const { config, keys } = await described();
      if (keys === null) throw new Error('The provider names no keys.');
      const { payload } = await jwtVerify(token, keys, {
        issuer: config.serverMetadata().issuer,
        audience: provider.clientId,
        typ: 'logout+jwt',
        requiredClaims: ['iat', 'jti', 'events'],
        maxTokenAge: '5 minutes',
        clockTolerance,
      });
      const { sid, sub } = logoutSchema.parse(payload);
      return sid !== undefined ? { providerSession: sid } : { subject: sub! };
    },
  };
}

/** The provider has answered, and says no: not that it could not be reached, nor that it is not well. */
function isRefusal(error: unknown): boolean {
  if (error instanceof openid.ResponseBodyError) return error.status < 500 && error.status !== 429;
  return error instanceof openid.WWWAuthenticateChallengeError && error.status === 401;
}
