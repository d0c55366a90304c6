import {
  createHmac,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign as signBytes,
  type KeyObject,
} from 'node:crypto';

/** A stand-in for a Clerk application: its keys, and what it would sign. Nothing of it listens anywhere. */
export interface FakeClerk {
  /** The settings of a server for it. */
  readonly env: Readonly<Record<string, string>>;
  readonly publishableKey: string;
  readonly publicPem: string;
  readonly origin: string;
  readonly issuer: string;
  /** A session token; `claims` and `header` are put over what a good one has, undefined takes away. */
  token(options?: TokenOptions): string;
  /** Body and headers of a message as Clerk sends it. */
  message(event: object, options?: MessageOptions): { body: string; headers: Record<string, string> };
}

export interface TokenOptions {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signs instead of the application's own key. */
  readonly sign?: (input: string) => Buffer;
}

export interface MessageOptions {
  readonly id?: string;
  /** Seconds before now at which it was sent. */
  readonly ageSeconds?: number;
  readonly secret?: string;
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Makes the keys of an application. */
export function createFakeClerk(): FakeClerk {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const publicPem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const host = 'tidy-loom-7.clerk.accounts.dev';
  const publishableKey = `pk_test_${Buffer.from(`${host}$`).toString('base64')}`;
  const webhookSecret = `whsec_${randomBytes(24).toString('base64')}`;
  const origin = 'https://heddle.example';
  const issuer = `https://${host}`;

  return {
    env: {
      AUTH_MODE: 'clerk',
      CLERK_PUBLISHABLE_KEY: publishableKey,
      CLERK_SECRET_KEY: 'sk_test_stand-in',
      // One line, as .env files have it.
      CLERK_JWT_KEY: publicPem.trim().replaceAll('\n', '\\n'),
      CLERK_WEBHOOK_SECRET: webhookSecret,
      PUBLIC_URL: origin,
    },
    publishableKey,
    publicPem,
    origin,
    issuer,
    token: ({ claims = {}, header = {}, sign = rs256(privateKey) } = {}) => {
      const now = Math.floor(Date.now() / 1_000);
      const good = {
        sub: `user_${randomUUID()}`,
        sid: `sess_${randomUUID()}`,
        iss: issuer,
        azp: origin,
        iat: now,
        nbf: now - 10,
        exp: now + 60,
        sts: 'active',
        v: 2,
      };
      const input = `${part({ alg: 'RS256', typ: 'JWT', kid: 'ins_1', ...header })}.${part({ ...good, ...claims })}`;
      return `${input}.${sign(input).toString('base64url')}`;
    },
    message: (event, { id = `msg_${randomUUID()}`, ageSeconds = 0, secret = webhookSecret } = {}) => {
      const body = JSON.stringify(event);
      const timestamp = String(Math.floor(Date.now() / 1_000) - ageSeconds);
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
      return {
        body,
        headers: {
          'content-type': 'application/json',
          'svix-id': id,
          'svix-timestamp': timestamp,
          'svix-signature': `v1,${signature}`,
        },
      };
    },
  };
}

/** RSA with SHA-256, as Clerk signs. */
export function rs256(key: KeyObject): (input: string) => Buffer {
  return (input) => signBytes('sha256', Buffer.from(input), key);
}
