import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts secrets for storage and decrypts them. */
export interface SecretBox {
  /** `binding` says what the secret is for; it opens for nothing else. */
  seal(secret: string, binding: string): Buffer;
  /** Null where it was sealed with neither key, for another use, or was changed. */
  open(sealed: Buffer, binding: string): string | null;
  /** Whether it was sealed with the present key, not the old one. */
  isCurrent(sealed: Buffer): boolean;
  /** Secrets of 32 bytes that follow from each key for a use, the present key first. */
  derive(use: string): readonly Buffer[];
}

/*
 * Layout: version (1), key id (4), nonce (12), tag (16), ciphertext. The
 * binding is authenticated with it, so a row that is copied to another user, or
 * whose address is changed, does not open.
 */
const version = 1;
const idBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + idBytes;

interface Key {
  readonly id: Buffer;
  readonly bytes: Buffer;
  derive(use: string): Buffer;
}

/** A box with the present key, and perhaps the one before it, which only opens. Both are texts of any length. */
export function createSecretBox(present: string, old?: string): SecretBox {
  const current = keyOf(present);
  const keys = old === undefined ? [current] : [current, keyOf(old)];
  const idOf = (sealed: Buffer) => sealed.subarray(1, headBytes);
  return {
    seal: (secret, binding) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', current.bytes, nonce).setAAD(Buffer.from(binding));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(version), current.id, nonce, cipher.getAuthTag(), text]);
    },
    open: (sealed, binding) => {
      const key = keys.find(({ id }) => id.equals(idOf(sealed)));
      if (sealed[0] !== version || key === undefined) return null;
      const nonce = sealed.subarray(headBytes, headBytes + nonceBytes);
      const tag = sealed.subarray(headBytes + nonceBytes, headBytes + nonceBytes + tagBytes);
      try {
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: tagBytes });
        decipher.setAAD(Buffer.from(binding)).setAuthTag(tag);
        const text = sealed.subarray(headBytes + nonceBytes + tagBytes);
        return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
    isCurrent: (sealed) => idOf(sealed).equals(current.id),
    derive: (use) => keys.map((key) => key.derive(use)),
  };
}

function keyOf(text: string): Key {
  const derive = (use: string, bytes: number) => Buffer.from(hkdfSync('sha256', text, 'heddle', use, bytes));
  return {
    bytes: derive('provider keys', 32),
    id: derive('key id', idBytes),
    derive: (use) => derive(`derived ${use}`, 32),
  };
}

/** What a user's key is sealed for: this user, this provider, this host. */
export function keyBinding(key: {
  readonly userId: string;
  readonly provider: string;
  readonly baseUrl: string | null;
}): string {
  return JSON.stringify([key.userId, key.provider, key.baseUrl === null ? null : new URL(key.baseUrl).origin]);
}

/** What a user's secret is sealed for: this user, this name, these hosts. */
export function secretBinding(secret: {
  readonly userId: string;
  readonly name: string;
  readonly hosts: readonly string[];
}): string {
  return JSON.stringify(['secret', secret.userId, secret.name, secret.hosts]);
}

/** What the secrets of a webhook or of a callback are sealed for: this one alone. */
export function hookBinding(kind: 'webhook' | 'callback', id: string): string {
  return JSON.stringify([kind, id]);
}
