import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { HookAuth } from '../../../core/api/webhooks.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { FindingsError } from '../../../core/errors/findings-error.ts';
import { hookBinding, type SecretBox } from '../../../providers/secret-box.ts';
import { newSecret } from '../../auth/secrets.ts';

/** What is secret of a webhook. */
const hookSecretsSchema = z.object({
  /** What stands in its address. */
  token: z.string(),
  /** The present one, and while it is replaced the one before. */
  secrets: z.array(z.string()).min(1).max(2),
});
export type HookSecrets = z.infer<typeof hookSecretsSchema>;

/** Throws SECRETS_UNAVAILABLE where the operator has set no key. */
export function requireBox(box: SecretBox | null): SecretBox {
  if (box !== null) return box;
  throw new TerminalError(
    'SECRETS_UNAVAILABLE',
    'Secrets of webhooks cannot be saved: the operator of this installation has not set SECRETS_KEY. Ask for it.',
  );
}

/** Encrypts what a webhook checks deliveries by; it opens for this trigger alone. */
export function sealSecrets(box: SecretBox, triggerId: string, secrets: HookSecrets): Buffer {
  return box.seal(JSON.stringify(secrets), hookBinding('webhook', triggerId));
}

/** Null where they were sealed with another key. */
export function openSecrets(box: SecretBox | null, triggerId: string, sealed: Buffer | null): HookSecrets | null {
  const text = box === null || sealed === null ? null : box.open(sealed, hookBinding('webhook', triggerId));
  return text === null ? null : hookSecretsSchema.parse(JSON.parse(text));
}

/** A new secret in the form that whoever signs takes, or the one that was brought. Throws FindingsError where that cannot be one. */
export function secretFor(auth: HookAuth, brought: string | undefined): string {
  const isStandard = auth.type === 'hmac' && auth.preset === 'standard';
  if (brought === undefined) return isStandard ? newSigningSecret() : newSecret();
  if (isStandard && !/^(?:whsec_)?[A-Za-z0-9+/]{11,}={0,2}$/.test(brought)) {
    const message =
      'A secret of Standard Webhooks is base64, with or without whsec_ before it. Copy it whole, or leave it out.';
    throw new FindingsError('REQUEST_INVALID', message, [{ code: 'REQUEST_INVALID', message, path: 'secret' }]);
  }
  return brought;
}

/** 256 bits, in the form of Standard Webhooks. */
const signingBytes = 32;

/** A random secret as Standard Webhooks writes one: `whsec_` and 32 bytes in base64. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(signingBytes).toString('base64')}`;
}

/** Secrets that messages of a callback are signed with, the present one first. None has a space in it. */
export function sealCallbackSecrets(box: SecretBox, callbackId: string, secrets: readonly string[]): Buffer {
  return box.seal(secrets.join(' '), hookBinding('callback', callbackId));
}

/** Null where they were sealed with another key. */
export function openCallbackSecrets(
  box: SecretBox | null,
  callbackId: string,
  sealed: Buffer,
): readonly string[] | null {
  return box?.open(sealed, hookBinding('callback', callbackId))?.split(' ') ?? null;
}
