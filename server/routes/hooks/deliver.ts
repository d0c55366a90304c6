import type { Request } from 'express';
import { webhookSettingsSchema, type WebhookSettings } from '../../../core/api/webhooks.ts';
import { AppError } from '../../../core/errors/app-error.ts';
import type { TriggerRow } from '../../../db/triggers/rows.ts';
import { insertDelivery, type Delivery, type KeptDelivery } from '../../../db/triggers/insert-delivery.ts';
import { startFire } from '../../../engine/triggers/start-fires.ts';
import { hashSecret } from '../../auth/secrets.ts';
import type { ServerDependencies } from '../deps.ts';
import { deliveryIdOf, mapDelivery } from './map-delivery.ts';
import { readContent, type ReadDelivery } from './read-delivery.ts';

interface DeliverDependencies extends Pick<ServerDependencies, 'pool' | 'starter' | 'disk' | 'logger' | 'newId'> {}

/** What became of a delivery. */
export interface TakenDelivery extends KeptDelivery {
  /** Why its run cannot be started; null: it may begin. */
  readonly refusal: AppError | null;
  /** Ends when the run is there, or it is written down why not. Never fails. */
  readonly started: Promise<void>;
}

/** Of whoever the webhook belongs to. */
export interface DeliveryOptions {
  /** Tells apart what is delivered once; default: what the webhook's settings find. */
  readonly key?: string;
}

/** What a mapping is asked of, of a delivery as it is kept. Throws as `readContent` does. */
export function readDelivery({ query, headers, body }: Delivery): ReadDelivery {
  return { ...readContent(body, headers['content-type']), query: query as ReadDelivery['query'], headers };
}

/** Room for what arrives: on the disk, and of whoever the webhook belongs to. Throws DISK_LOW and DATA_QUOTA_FULL. */
export async function requireDeliveryRoom(
  { disk, starter }: Pick<ServerDependencies, 'disk' | 'starter'>,
  { userId }: Pick<TriggerRow, 'userId'>,
  bytes: number,
): Promise<void> {
  disk.requireRoom();
  await starter.requireRoom(userId, bytes);
}

/**
 * Keeps a delivery and starts its run. Committed when it returns; the start goes on by itself. Throws as
 * `requireDeliveryRoom` does: nothing is kept then, and whoever sends tries again.
 */
export async function takeDelivery(
  dependencies: DeliverDependencies,
  trigger: TriggerRow,
  delivery: Delivery,
  options: DeliveryOptions = {},
): Promise<TakenDelivery> {
  const { pool, newId } = dependencies;
  await requireDeliveryRoom(dependencies, trigger, delivery.body.length);
  const settings = webhookSettingsSchema.parse(trigger.settings);
  const id = newId();
  const mapped = mappedOf(settings, trigger, delivery);
  const refusal = mapped instanceof AppError ? mapped : null;
  // What a mapping makes of a small delivery may be many times as large.
  if (!(mapped instanceof AppError)) {
    await dependencies.starter.requireRoom(trigger.userId, Buffer.byteLength(JSON.stringify(mapped.inputs)));
  }
  const name =
    mapped instanceof AppError || options.key !== undefined ? null : deliveryIdOf(settings.deliveryId, mapped.read);
  const kept = await insertDelivery(pool, {
    ...delivery,
    id,
    triggerId: trigger.id,
    // One that is refused takes no id from the next try.
    key: options.key ?? (name === null ? `delivery ${id}` : `id ${hashSecret(name).toString('hex')}`),
    status: refusal === null ? 'due' : 'refused',
    code: refusal?.code ?? null,
    reason: refusal?.message ?? null,
    inputs: mapped instanceof AppError ? null : mapped.inputs,
  });
  const started =
    kept.isKnown || mapped instanceof AppError
      ? Promise.resolve()
      : start(dependencies, trigger, settings, kept, mapped.inputs);
  return { ...kept, refusal, started };
}

function mappedOf(
  { mapping }: WebhookSettings,
  { inputs: always }: TriggerRow,
  delivery: Delivery,
): { readonly read: ReadDelivery; readonly inputs: Record<string, unknown> } | AppError {
  try {
    const read = readDelivery(delivery);
    return { read, inputs: mapDelivery(mapping, always, read) };
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

async function start(
  dependencies: DeliverDependencies,
  trigger: TriggerRow,
  { version }: WebhookSettings,
  { id, createdAt }: KeptDelivery,
  inputs: Record<string, unknown>,
): Promise<void> {
  const { userId, createdBy: actorId, workflowId, kind } = trigger;
  const fire = {
    id,
    triggerId: trigger.id,
    kind,
    userId,
    actorId,
    workflowId,
    version,
    inputs,
    tries: 1,
    createdAt,
    cancels: [],
    after: null,
  };
  await startFire({ ...dependencies, now: () => null, inputsAfter: async () => inputs }, fire).catch(
    (error: unknown) => {
      // The fire is claimed for a while; then whoever comes next starts it.
      dependencies.logger.warn({ err: error, triggerId: trigger.id }, 'a delivery waits for its run');
    },
  );
}

/** The query of a request as it is kept. */
export function keptQuery(request: Request): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request.query).filter(([name]) => name !== '__proto__'));
}
