import { z } from 'zod';
import { askedFields, expressionSchema, mappingSchema, shownFields, versionSchema } from './trigger-fields.ts';

/** Who signs, and how; `plain` is a header with the digest in hex, and perhaps `sha256=` before it. */
export const hmacPresets = ['plain', 'github', 'stripe', 'slack', 'standard'] as const;
export type HmacPreset = (typeof hmacPresets)[number];

const headerNameSchema = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of a header: letters, digits and hyphens');

/** How a sender proves who they are; of a `basic` sign-in the secret is the password. */
const hookAuthSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('header'), header: headerNameSchema.default('X-Webhook-Secret') }),
  z.strictObject({
    type: z.literal('basic'),
    username: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[^:]*$/, 'must not hold a colon'),
  }),
  z.strictObject({
    type: z.literal('hmac'),
    preset: z.enum(hmacPresets).default('plain'),
    /** With `plain`. */
    header: headerNameSchema.default('X-Signature-256'),
  }),
]);
export type HookAuth = z.output<typeof hookAuthSchema>;

/** One that you bring, such as the signing secret of Stripe or Slack. */
export const hookSecretSchema = z
  .string()
  .min(8)
  .max(500)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII characters without spaces');

/** What says how a webhook takes deliveries. */
export const webhookFields = {
  auth: hookAuthSchema,
  /** Over `{ body, query, headers, files }`, such as `body.issue.title`, or `files.photo` for a file of a multipart form. */
  mapping: mappingSchema,
  /** The same for what names a delivery: one of each id is taken. Null: none is like another. Default: that of the preset. */
  deliveryId: expressionSchema.nullable(),
  /** `accepted`: 202 as soon as the delivery is kept. `outputs`: those of the run, where it ends within `waitSeconds`. */
  answer: z.enum(['accepted', 'outputs']),
  /** 1-60. Default 30. */
  waitSeconds: z.int().min(1).max(60),
};

/** Asks for a webhook. */
export const createWebhookSchema = z
  .strictObject({
    kind: z.literal('webhook'),
    ...askedFields,
    auth: webhookFields.auth.default({ type: 'none' }),
    /** Default: a new one, which is in the answer. Never given back. */
    secret: hookSecretSchema.optional(),
    mapping: webhookFields.mapping.default({}),
    deliveryId: webhookFields.deliveryId.optional(),
    answer: webhookFields.answer.default('accepted'),
    waitSeconds: webhookFields.waitSeconds.default(30),
  })
  .meta({ id: 'CreateWebhook' });
export type CreateWebhook = z.output<typeof createWebhookSchema>;

/** What is kept of a webhook, and shown. */
const keptFields = {
  auth: hookAuthSchema,
  /** Two secrets are accepted, the old one until you end it. */
  hasOldSecret: z.boolean(),
  mapping: z.record(z.string(), z.string()),
  deliveryId: z.string().nullable(),
  answer: z.enum(['accepted', 'outputs']),
  waitSeconds: z.int(),
};

/** A webhook as it is shown; its secret is not in it. */
export const webhookTriggerSchema = z
  .object({
    ...shownFields,
    kind: z.literal('webhook'),
    /**
     * Where deliveries go; whoever knows it may send some. Null to those who may start no runs, and where the installation's
     * key was changed since.
     */
    url: z.string().nullable(),
    ...keptFields,
  })
  .meta({ id: 'WebhookTrigger' });

export type WebhookTrigger = z.infer<typeof webhookTriggerSchema>;

/** The settings of a webhook as they are stored. */
export const webhookSettingsSchema = z.object({ version: versionSchema, ...keptFields });
export type WebhookSettings = z.infer<typeof webhookSettingsSchema>;

/** Another secret; the one before is accepted as well until it is ended. */
export const changeSecretBodySchema = z.strictObject({
  /** Default: a new one. */
  secret: hookSecretSchema.optional(),
});
/** The answer to a request for another secret. */
export const changedSecretSchema = z
  .object({
    /** In this answer only. */
    secret: z.string(),
  })
  .meta({ id: 'ChangedSecret' });

/** The answer to a delivery. */
export const deliveryAnswerSchema = z
  .object({
    /** Of the delivery. */
    id: z.uuid(),
    /** Null where the run could not be started yet, or was not. */
    runId: z.uuid().nullable(),
    /** One with the same id was taken before. */
    duplicate: z.boolean(),
    /** With `answer: "outputs"`: that of the run. */
    status: z.string().optional(),
    outputs: z.record(z.string(), z.unknown()).optional(),
    error: z.string().nullable().optional(),
  })
  .meta({ id: 'DeliveryAnswer' });
