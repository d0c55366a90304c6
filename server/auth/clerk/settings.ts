import { createPublicKey } from 'node:crypto';

/** What of the environment is about Clerk. */
export interface ClerkValues {
  readonly CLERK_PUBLISHABLE_KEY?: string | undefined;
  readonly CLERK_SECRET_KEY?: string | undefined;
  readonly CLERK_JWT_KEY?: string | undefined;
  readonly CLERK_WEBHOOK_SECRET?: string | undefined;
  readonly CLERK_ISSUER?: string | undefined;
}

/** What the operator was given by Clerk; keys are secrets. */
export interface ClerkSettings {
  readonly publishableKey: string;
  readonly secretKey: string;
  /** The public key that tokens are signed for, as PEM with real line ends. */
  readonly jwtKey: string;
  /** Origin of Clerk's API for browsers. */
  readonly frontendApi: string;
  /** Whom tokens must come from. */
  readonly issuer: string;
  /** Null: no messages are taken. */
  readonly webhookSecret: string | null;
}

/**
 * Reads and checks the settings; each problem is told by the variable's name,
 * never with its value. Null where there was one. Clerk's own library finds most
 * of these out at the first request, one by one, or refuses everybody silently.
 */
export function readClerkSettings(
  values: ClerkValues,
  complain: (name: keyof ClerkValues, message: string) => void,
): ClerkSettings | null {
  let isSound = true;
  const refuse = (name: keyof ClerkValues, message: string) => {
    isSound = false;
    complain(name, message);
  };
  const given = (name: keyof ClerkValues): string => {
    const value = values[name]?.trim() ?? '';
    if (value === '') refuse(name, 'is not set; AUTH_MODE=clerk needs it');
    return value;
  };

  const publishableKey = given('CLERK_PUBLISHABLE_KEY');
  const host = hostOf(publishableKey);
  if (publishableKey !== '' && host === null) {
    refuse('CLERK_PUBLISHABLE_KEY', 'is no publishable key of Clerk (pk_test_... or pk_live_...)');
  }
  const secretKey = given('CLERK_SECRET_KEY');
  if (secretKey !== '' && !/^sk_(?:test|live)_\S+$/.test(secretKey)) {
    refuse('CLERK_SECRET_KEY', 'is no secret key of Clerk (sk_test_... or sk_live_...)');
  }
  const jwtText = given('CLERK_JWT_KEY');
  const jwtKey = jwtText === '' ? null : publicPem(jwtText);
  if (jwtText !== '' && jwtKey === null) {
    refuse('CLERK_JWT_KEY', 'is no RSA public key; take the PEM public key of the page "API keys" of Clerk');
  }
  const webhookSecret = values.CLERK_WEBHOOK_SECRET?.trim() || null;
  if (webhookSecret !== null && !/^whsec_[A-Za-z0-9+/]{16,}={0,2}$/.test(webhookSecret)) {
    refuse('CLERK_WEBHOOK_SECRET', 'is no signing secret of a webhook (whsec_...)');
  }
  const issuer = values.CLERK_ISSUER?.trim().replace(/\/$/, '') || (host === null ? '' : `https://${host}`);
  if (values.CLERK_ISSUER !== undefined && !URL.canParse(issuer)) refuse('CLERK_ISSUER', 'must be an address');

  if (!isSound || host === null || jwtKey === null) return null;
  return { publishableKey, secretKey, jwtKey, frontendApi: `https://${host}`, issuer, webhookSecret };
}

/** A publishable key is the host of Clerk's API for browsers, and a "$", in base64. */
function hostOf(publishableKey: string): string | null {
  const encoded = /^pk_(?:test|live)_([A-Za-z0-9+/_-]+={0,2})$/.exec(publishableKey)?.[1];
  if (encoded === undefined) return null;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  return /^[a-z0-9][a-z0-9.-]*(?::\d+)?\$$/i.test(decoded) ? decoded.slice(0, -1) : null;
}

/** The key with real line ends, however a .env file or a secret store wrote it; null where it is no RSA public key. */
function publicPem(text: string): string | null {
  const body = text
    .replaceAll('\\n', '\n')
    .replaceAll(/["']/g, '')
    .replace(/^\s*-+BEGIN PUBLIC KEY-+/, '')
    .replace(/-+END PUBLIC KEY-+\s*$/, '')
    .replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return null;
  try {
    const key = createPublicKey({ key: Buffer.from(body, 'base64'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'rsa') return null;
    return key.export({ format: 'pem', type: 'spki' }).toString();
  } catch {
    return null;
  }
}
