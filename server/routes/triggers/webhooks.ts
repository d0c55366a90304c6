import type { Request } from 'express';
import type { ChangeTrigger } from '../../../core/api/triggers.ts';
import {
  webhookSettingsSchema,
  type CreateWebhook,
  type HookAuth,
  type WebhookSettings,
  type WebhookTrigger,
} from '../../../core/api/webhooks.ts';
import type { TriggerRow } from '../../../db/triggers/rows.ts';
import type { SecretBox } from '../../../providers/secret-box.ts';
import { basePathOf } from '../../request/base-path.ts';
import { requireExpressions } from '../hooks/map-delivery.ts';
import { openSecrets } from '../hooks/secrets.ts';
import type { ServerSettings } from '../deps.ts';
import { shownTrigger } from './shown-trigger.ts';

/** What names a delivery, as whoever signs sends it. */
function usualDeliveryId(auth: HookAuth): string | null {
  if (auth.type !== 'hmac') return null;
  switch (auth.preset) {
    case 'github':
      return 'headers."x-github-delivery"';
    case 'stripe':
      return 'body.id';
    case 'slack':
      return 'body.event_id';
    case 'standard':
      return 'headers."webhook-id"';
    case 'plain':
      return null;
  }
}

/** Throws FindingsError where an expression cannot be read. */
export function newWebhook(
  wanted: Omit<CreateWebhook, 'kind' | 'name' | 'enabled' | 'inputs' | 'secret'>,
): WebhookSettings {
  const { auth, mapping, answer, waitSeconds, version } = wanted;
  const deliveryId = wanted.deliveryId === undefined ? usualDeliveryId(auth) : wanted.deliveryId;
  requireExpressions(mapping, (name) => `mapping.${name}`);
  if (deliveryId !== null) requireExpressions({ deliveryId }, () => 'deliveryId');
  return { version, auth, hasOldSecret: false, mapping, deliveryId, answer, waitSeconds };
}

/** A webhook as it is after a change. Throws as `newWebhook` does. */
export function changedWebhook(
  trigger: TriggerRow,
  change: Omit<ChangeTrigger, 'name' | 'enabled' | 'inputs'>,
): WebhookSettings {
  const before = webhookSettingsSchema.parse(trigger.settings);
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return { ...newWebhook({ ...before, ...given }), hasOldSecret: before.hasOldSecret };
}

/** How an address of this installation is written for others. */
export interface AddressOptions {
  readonly settings: Pick<ServerSettings, 'publicUrl' | 'basePath' | 'trustedProxies'>;
  readonly request: Request;
}

/** Where deliveries go. */
function addressOf(token: string, { settings, request }: AddressOptions): string {
  const origin =
    settings.publicUrl?.replace(/\/+$/, '') ?? `${request.protocol}://${request.host}${basePathOf(request, settings)}`;
  return `${origin}/hooks/${token}`;
}

/** A webhook as its owner sees it. */
export function shownWebhook(trigger: TriggerRow, box: SecretBox | null, options: AddressOptions): WebhookTrigger {
  const secrets = openSecrets(box, trigger.id, trigger.sealed);
  return {
    ...shownTrigger(trigger),
    kind: 'webhook',
    ...webhookSettingsSchema.parse(trigger.settings),
    url: secrets === null ? null : addressOf(secrets.token, options),
  };
}
