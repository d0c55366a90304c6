import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { HmacPreset, HookAuth } from '../../../core/api/webhooks.ts';

/** A delivery as it came. */
export interface RawDelivery {
  /** A header by its name; null where it is not there. */
  header(name: string): string | null;
  readonly body: Buffer;
}

/** A signed message is good for so long, before and after it says that it was made. */
const windowSeconds = 300;

/**
 * Whether a delivery proves that its sender knows one of the secrets. Null: it does; else why not, for its owner.
 *
 * @param secrets the present one, and while it is replaced the one before
 */
export function verifyDelivery(
  auth: HookAuth,
  secrets: readonly string[],
  delivery: RawDelivery,
  now: Date,
): string | null {
  switch (auth.type) {
    case 'none':
      return null;
    case 'header': {
      const value = delivery.header(auth.header);
      if (value === null) return `The header ${auth.header} is missing.`;
      const fits = secrets.some((secret) => isSame(value, secret) || isSame(value, `Bearer ${secret}`));
      return fits ? null : `The header ${auth.header} does not hold the secret.`;
    }
    case 'basic': {
      const [, encoded = ''] = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(delivery.header('authorization') ?? '') ?? [];
      if (encoded === '') return 'The header Authorization with a user name and a password is missing.';
      const value = Buffer.from(encoded, 'base64').toString();
      const fits = secrets.some((secret) => isSame(value, `${auth.username}:${secret}`));
      return fits ? null : 'The user name or the password is wrong.';
    }
    case 'hmac':
      return verifySignature(readers[auth.preset], auth.header, secrets, delivery, now);
  }
}

/** A shorter key in base64 is none: of a secret that is no base64 nothing may be left, which anybody could sign with. */
const leastKeyBytes = 8;

/** What stands in the headers of a signed delivery. */
interface Signed {
  /** Hex or base64, as the preset has them; any of them may fit. */
  readonly signatures: readonly string[];
  /** Seconds; null where the preset has no time. */
  readonly time: string | null;
  /** What is signed before the body. */
  readonly prefix: string;
}

interface Reader {
  readonly encoding: 'hex' | 'base64';
  /** A text: what is missing. */
  read(delivery: RawDelivery, header: string): Signed | string;
  /** The key that a secret is. Default: the text itself. */
  keyOf?(secret: string): Buffer;
}

const readers: Readonly<Record<HmacPreset, Reader>> = {
  plain: { encoding: 'hex', read: (delivery, header) => prefixed(delivery, header) },
  github: { encoding: 'hex', read: (delivery) => prefixed(delivery, 'X-Hub-Signature-256') },
  stripe: {
    encoding: 'hex',
    read: (delivery) => {
      const parts = (delivery.header('stripe-signature') ?? '').split(',').map((part) => part.trim().split('='));
      const time = parts.find(([key]) => key === 't')?.[1];
      const signatures = parts.flatMap(([key, value]) => (key === 'v1' && value !== undefined ? [value] : []));
      if (time === undefined || signatures.length === 0) return 'The header Stripe-Signature is missing or unreadable.';
      return { signatures, time, prefix: `${time}.` };
    },
  },
  slack: {
    encoding: 'hex',
    read: (delivery) => {
      const time = delivery.header('x-slack-request-timestamp');
      const signature = /^v0=(.+)$/.exec(delivery.header('x-slack-signature') ?? '')?.[1];
      if (time === null || signature === undefined)
        return 'The headers X-Slack-Request-Timestamp and X-Slack-Signature are missing or unreadable.';
      return { signatures: [signature], time, prefix: `v0:${time}:` };
    },
  },
  standard: {
    encoding: 'base64',
    keyOf: (secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'),
    read: (delivery) => {
      const [id, time] = [delivery.header('webhook-id'), delivery.header('webhook-timestamp')];
      const signatures = (delivery.header('webhook-signature') ?? '')
        .split(' ')
        .flatMap((part) => (part.startsWith('v1,') ? [part.slice('v1,'.length)] : []));
      if (id === null || time === null || signatures.length === 0)
        return 'The headers webhook-id, webhook-timestamp and webhook-signature are missing or unreadable.';
      return { signatures, time, prefix: `${id}.${time}.` };
    },
  },
};

function prefixed(delivery: RawDelivery, header: string): Signed | string {
  const value = delivery.header(header);
  if (value === null) return `The header ${header} is missing.`;
  return { signatures: [value.trim().replace(/^sha256=/, '')], time: null, prefix: '' };
}

function verifySignature(
  { encoding, read, keyOf = (secret) => Buffer.from(secret) }: Reader,
  header: string,
  secrets: readonly string[],
  delivery: RawDelivery,
  now: Date,
): string | null {
  const signed = read(delivery, header);
  if (typeof signed === 'string') return signed;
  const { signatures, time, prefix } = signed;
  if (time !== null && !/^\d{1,12}$/.test(time)) return 'The time of the signature cannot be read.';
  const keys = secrets.map(keyOf).filter((key) => encoding === 'hex' || key.length >= leastKeyBytes);
  if (keys.length === 0)
    return 'The secret of the webhook is not base64, as this kind of signature wants it. Change it.';
  const fits = keys.some((key) => {
    const digest = createHmac('sha256', key).update(prefix).update(delivery.body).digest(encoding);
    return signatures.some((signature) => isSame(encoding === 'hex' ? signature.toLowerCase() : signature, digest));
  });
  if (!fits) return 'The signature does not fit the body and the secret.';
  const age = time === null ? 0 : Math.floor(now.getTime() / 1_000) - Number(time);
  if (Math.abs(age) <= windowSeconds) return null;
  return `The signature is ${Math.abs(age)} s ${age > 0 ? 'old' : 'ahead'}; up to ${windowSeconds} s are taken.`;
}

/** In a time that tells nothing of where they differ, or of their lengths. */
function isSame(one: string, other: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(one), hash(other));
}
