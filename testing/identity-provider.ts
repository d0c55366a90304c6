import { randomInt } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';

/** A person at the provider. */
export interface Person {
  email?: string;
  email_verified?: boolean;
  given_name?: string;
  groups?: readonly string[];
}

/** What every provider of the tests has registered. */
export const testClient = { clientId: 'heddle-tests', clientSecret: 'a secret that only tests know' };

/** A real OpenID Connect provider on this machine. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Who is there, by the name that they sign in with; a test changes it. */
  readonly people: Map<string, Person>;
  /** Lets the application in, by its address. */
  register(appUrl: string, id: string): void;
  stop(): Promise<void>;
}

async function listen(): Promise<{ server: Server; url: string; handle(listener: RequestListener): void }> {
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, handle: (next) => (listener = next) };
}

const closed = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const { server, url, handle } = await listen();
  const people = new Map<string, Person>();
  const register = (appUrl: string, id: string): void => {
    const at = `${appUrl}/api/auth/oidc/${id}`;
    const provider = new Provider(url, {
      clients: [
        {
          client_id: testClient.clientId,
          client_secret: testClient.clientSecret,
          redirect_uris: [`${at}/callback`],
          post_logout_redirect_uris: [`${appUrl}/sign-in`],
          backchannel_logout_uri: `${at}/back-channel-logout`,
          backchannel_logout_session_required: true,
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
        },
      ],
      claims: { email: ['email', 'email_verified'], profile: ['given_name', 'family_name'], groups: ['groups'] },
      features: {
        devInteractions: { enabled: true },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: { enabled: true },
      },
      // Its own requests may go to this machine.
      fetch: (address: string, options: RequestInit) => fetch(address, options),
      findAccount: (_context: unknown, id: string) =>
        people.has(id) ? { accountId: id, claims: () => ({ sub: id, ...people.get(id) }) } : undefined,
      // Each time another, so that one that was used is noticed.
      rotateRefreshToken: true,
      issueRefreshToken: () => true,
      cookies: { keys: ['a key of tests'] },
      ttl: { AccessToken: 600, Session: 3_600, Interaction: 600, Grant: 3_600, IdToken: 600, RefreshToken: 3_600 },
      pkce: { required: () => true },
    });
    handle(provider.callback());
  };
  return { issuer: url, people, register, stop: () => closed(server) };
}

/** A browser as far as signing in goes: it keeps cookies and follows links. */
export class SignInBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();
  /** Each comes from an address of its own, where the server believes it. */
  readonly #address = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;

  /** Opens an address, following redirects until `stopAt` says otherwise. */
  async open(
    address: string,
    options: { form?: Readonly<Record<string, string>>; stopAt?: (url: URL) => boolean } = {},
  ): Promise<{ url: URL; status: number; body: string; location: URL | null }> {
    let url = new URL(address);
    let form = options.form;
    for (let hop = 0; hop < 20; hop += 1) {
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: this.cookies(url), 'x-forwarded-for': this.#address },
        ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
      });
      this.#keep(url, response);
      const given = response.headers.get('location');
      const location = given === null ? null : new URL(given, url);
      if (location === null || options.stopAt?.(location) === true) {
        return { url, status: response.status, body: await response.text(), location };
      }
      await response.body?.cancel();
      form = undefined;
      url = location;
    }
    throw new Error(`${address} leads nowhere.`);
  }

  /** Signs somebody in at the provider whose form is at `page`, and lets it tell the application all that it asks for. */
  async passForms(page: { url: URL; body: string }, name: string, isOver: (url: URL) => boolean) {
    let at: { url: URL; body: string; location: URL | null } = { ...page, location: null };
    for (let step = 0; step < 4; step += 1) {
      const action = /<form[^>]*action="([^"]+)"/.exec(at.body)?.[1];
      if (action === undefined) throw new Error(`There is no form at ${at.url.href}: ${at.body.slice(0, 400)}`);
      const prompt = at.body.includes('name="prompt" value="login"') ? 'login' : 'consent';
      const form = { prompt, ...(prompt === 'login' ? { login: name, password: 'any' } : {}) };
      at = await this.open(new URL(action, at.url).href, { form, stopAt: isOver });
      if (at.location !== null && isOver(at.location)) return at.location;
    }
    throw new Error('The provider asks on and on.');
  }

  /** The cookies that go to an address. */
  cookies(url: URL): string {
    return [...(this.#cookies.get(url.host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(url: URL, response: Response): void {
    const jar = this.#cookies.get(url.host) ?? new Map<string, string>();
    this.#cookies.set(url.host, jar);
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      const isGone = value === '' || /expires=Thu, 01 Jan 1970/i.test(cookie);
      if (isGone) jar.delete(name!);
      else jar.set(name!, value!);
    }
  }
}

/** How a provider lies about who comes back. */
export type Lie =
  | 'nothing'
  | 'issuer'
  | 'audience'
  | 'nonce'
  | 'unsigned'
  | 'another key'
  | 'expired'
  | 'another person'
  | 'no word of groups'
  | 'down';

/** A provider that answers at once, and lies when it is told to. */
export interface LyingProvider {
  readonly issuer: string;
  lie: Lie;
  /** Of the next person to come back. */
  nonce: string;
  /** A logout token, of this provider's key unless it is another's. */
  logoutToken(payload: JWTPayload, options?: { typ?: string; isForged?: boolean }): Promise<string>;
  stop(): Promise<void>;
}

export async function startLyingProvider(): Promise<LyingProvider> {
  const { server, url: issuer, handle } = await listen();
  const [own, foreign] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const jwks = { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'RS256', use: 'sig' }] };
  const lying: LyingProvider = {
    issuer,
    lie: 'nothing',
    nonce: '',
    logoutToken: (payload, { typ = 'logout+jwt', isForged = false } = {}) =>
      new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: 'own', typ })
        .setIssuer(issuer)
        .setAudience(testClient.clientId)
        .setIssuedAt()
        .setJti('once')
        .sign(isForged ? foreign.privateKey : own.privateKey),
    stop: () => closed(server),
  };

  async function idToken(): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: lying.lie === 'issuer' ? 'https://another.example' : issuer,
      aud: lying.lie === 'audience' ? 'another-client' : testClient.clientId,
      nonce: lying.lie === 'nonce' ? 'another' : lying.nonce,
      sub: 'somebody',
      sid: 'their-session',
      iat: lying.lie === 'expired' ? now - 7_200 : now,
      exp: lying.lie === 'expired' ? now - 3_600 : now + 600,
    };
    if (lying.lie === 'unsigned') return new UnsecuredJWT(claims).encode();
    const key = lying.lie === 'another key' ? foreign.privateKey : own.privateKey;
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'own' }).sign(key);
  }

  handle(async (request, response) => {
    const send = (body: unknown) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    };
    const path = new URL(request.url ?? '/', issuer).pathname;
    if (lying.lie === 'down') return void response.writeHead(503).end();
    if (path === '/.well-known/openid-configuration') {
      return send({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        userinfo_endpoint: `${issuer}/me`,
        jwks_uri: `${issuer}/keys`,
        id_token_signing_alg_values_supported: ['RS256'],
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      });
    }
    if (path === '/keys') return send(jwks);
    if (path === '/token') {
      // Whoever asks again need not get an ID token.
      const isShort = lying.lie === 'no word of groups';
      return send({
        access_token: 'a',
        token_type: 'Bearer',
        refresh_token: 'again',
        ...(isShort ? {} : { id_token: await idToken() }),
      });
    }
    const sub = lying.lie === 'another person' ? 'somebody-else' : 'somebody';
    const groups = lying.lie === 'no word of groups' ? {} : { groups: ['staff'] };
    send({ sub, email: 'somebody@example.org', email_verified: true, ...groups });
  });
  return lying;
}
