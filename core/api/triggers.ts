import { z } from 'zod';
import { findingSchema, timestampSchema } from './common.ts';

/** What starts runs by itself. */
export const triggerKinds = ['schedule', 'webhook', 'workflow', 'file'] as const;
export type TriggerKind = (typeof triggerKinds)[number];

/** What becomes of times that were missed while nothing ran: one run for all of them, none, or one for each of the latest. */
export const misfirePolicies = ['once', 'skip', 'all'] as const;
export type Misfire = (typeof misfirePolicies)[number];

/** What is done where the run before is not finished: leave this time out, wait for it, or cancel it. */
export const overlapPolicies = ['skip', 'queue', 'cancel'] as const;
export type Overlap = (typeof overlapPolicies)[number];

/**
 * `due`: to be started, perhaps after the run before. `started`: its run is under way, and the three after it are how that
 * ended. `skipped`: the run before was under way. `missed`: nothing ran at that time. `refused`: it could not be started.
 */
export const fireStatuses = [
  'due',
  'started',
  'completed',
  'failed',
  'cancelled',
  'skipped',
  'missed',
  'refused',
] as const;
export type FireStatus = (typeof fireStatuses)[number];

/** Failures in a row after which a trigger pauses itself that nobody is told of: a night of one each half hour. */
export const failuresUntilPause = 20;

const nameSchema = z.string().trim().min(1).max(200);
const inputsSchema = z.record(z.string().max(100), z.unknown());
/** `live`: what is live when it fires, or the draft where nothing was published. */
const versionSchema = z.union([z.literal('live'), z.int().min(1).max(2_147_483_647)]);

const scheduleFields = {
  /** Cron of five fields, or an interval such as `every 15 minutes`. */
  cron: z.string().trim().min(1).max(200),
  /** IANA name. Default UTC. */
  timeZone: z.string().trim().min(1).max(60),
  misfire: z.enum(misfirePolicies),
  /** With `all`: so many of the latest times at most. Default 10. */
  misfireLimit: z.int().min(1).max(100),
  overlap: z.enum(overlapPolicies),
  /** What an interval counts from; nothing is due before. Default: now. */
  startAt: z.iso.datetime({ offset: true }),
};

const common = {
  name: nameSchema.nullable().optional(),
  enabled: z.boolean().default(true),
  /** Values by the names of the workflow's inputs. */
  inputs: inputsSchema.default({}),
  version: versionSchema.default('live'),
};

const createScheduleSchema = z
  .strictObject({
    kind: z.literal('schedule'),
    ...common,
    cron: scheduleFields.cron,
    timeZone: scheduleFields.timeZone.default('UTC'),
    misfire: scheduleFields.misfire.default('once'),
    misfireLimit: scheduleFields.misfireLimit.default(10),
    overlap: scheduleFields.overlap.default('skip'),
    startAt: scheduleFields.startAt.optional(),
  })
  .meta({ id: 'CreateSchedule' });
export type CreateSchedule = z.output<typeof createScheduleSchema>;

/** Who signs, and how; `plain` is a header with the digest in hex, and perhaps `sha256=` before it. */
export const hmacPresets = ['plain', 'github', 'stripe', 'slack', 'standard'] as const;
export type HmacPreset = (typeof hmacPresets)[number];

const headerNameSchema = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of a header: letters, digits and hyphens');

/** Of a `basic` sign-in the secret is the password. */
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

const expressionSchema = z.string().trim().min(1).max(300);

const webhookFields = {
  auth: hookAuthSchema,
  /**
   * By the name of an input: JMESPath (or a JSON pointer) over `{ body, query, headers, files }`, such as `body.issue.title`, or
   * `files.photo` for a file of a multipart form. What
   * it finds is the value of the input; where it finds nothing, the input is not given.
   */
  mapping: z
    .record(z.string().min(1).max(100), expressionSchema)
    .refine((mapping) => Object.keys(mapping).length <= 100),
  /** The same for what names a delivery: one of each id is taken. Null: none is like another. Default: that of the preset. */
  deliveryId: expressionSchema.nullable(),
  /** `accepted`: 202 as soon as the delivery is kept. `outputs`: those of the run, where it ends within `waitSeconds`. */
  answer: z.enum(['accepted', 'outputs']),
  /** 1-60. Default 30. */
  waitSeconds: z.int().min(1).max(60),
};

const createWebhookSchema = z
  .strictObject({
    kind: z.literal('webhook'),
    ...common,
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

/** How runs of another workflow may end. */
export const endEvents = ['completed', 'failed', 'cancelled'] as const;
export type EndEvent = (typeof endEvents)[number];

const endFields = {
  /** Which ends of the other workflow count. Default: `completed`. */
  events: z
    .array(z.enum(endEvents))
    .min(1)
    .max(endEvents.length)
    .transform((events) => [...new Set(events)]),
};

const createAfterWorkflowSchema = z
  .strictObject({
    kind: z.literal('workflow'),
    ...common,
    /** The workflow whose runs are followed; one of the same workspace, and another one. */
    sourceWorkflowId: z.int().min(1).max(2_147_483_647),
    events: endFields.events.default(['completed']),
    /**
     * By the name of an input: JMESPath (or a JSON pointer) over the run that ended, `{ id, status, error, inputs, outputs, ... }`,
     * such as `outputs.copy`. Files are given by their id.
     */
    mapping: webhookFields.mapping.default({}),
  })
  .meta({ id: 'CreateAfterWorkflow' });
export type CreateAfterWorkflow = z.output<typeof createAfterWorkflowSchema>;

const createNewFilesSchema = z
  .strictObject({
    kind: z.literal('file'),
    ...common,
    /** The name of a folder or bucket that the operator lets be watched. */
    folder: z.string().min(1).max(60),
    /**
     * By the name of an input: JMESPath (or a JSON pointer) over `{ file: { asset, name, path, bytes, mimeType, modifiedAt } }`;
     * `file.asset` is the value of an input that takes a file.
     */
    mapping: webhookFields.mapping.default({}),
  })
  .meta({ id: 'CreateNewFiles' });
/** The same, read. */
export type CreateNewFiles = z.output<typeof createNewFilesSchema>;

/** Asks for a trigger of any kind. */
export const createTriggerBodySchema = z.discriminatedUnion('kind', [
  createScheduleSchema,
  createWebhookSchema,
  createAfterWorkflowSchema,
  createNewFilesSchema,
]);

/** What is left out stays as it is; fields of the other kind are refused. */
export const changeTriggerBodySchema = z
  .strictObject({
    name: nameSchema.nullable(),
    enabled: z.boolean(),
    inputs: inputsSchema,
    version: versionSchema,
    ...scheduleFields,
    ...webhookFields,
    ...endFields,
  })
  .partial()
  .meta({ id: 'ChangeTrigger' });
export type ChangeTrigger = z.output<typeof changeTriggerBodySchema>;

const shown = {
  id: z.uuid(),
  workflowId: z.int(),
  name: z.string().nullable(),
  enabled: z.boolean(),
  /** Why it is not enabled, where it paused itself or was paused for you; else null. */
  pausedReason: z.string().nullable(),
  inputs: z.record(z.string(), z.unknown()),
  version: versionSchema,
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
};

const scheduleTriggerSchema = z
  .object({
    ...shown,
    kind: z.literal('schedule'),
    cron: z.string(),
    timeZone: z.string(),
    misfire: z.enum(misfirePolicies),
    misfireLimit: z.int(),
    overlap: z.enum(overlapPolicies),
    startAt: timestampSchema,
    /** Failures in a row; at 20 the schedule pauses. */
    failures: z.int(),
    /** The next five times; empty where it is not enabled. */
    next: z.array(timestampSchema),
  })
  .meta({ id: 'ScheduleTrigger' });

const webhookTriggerSchema = z
  .object({
    ...shown,
    kind: z.literal('webhook'),
    /**
     * Where deliveries go; whoever knows it may send some. Null to those who may start no runs, and where the installation's
     * key was changed since.
     */
    url: z.string().nullable(),
    auth: hookAuthSchema,
    /** Two secrets are accepted, the old one until you end it. */
    hasOldSecret: z.boolean(),
    mapping: z.record(z.string(), z.string()),
    deliveryId: z.string().nullable(),
    answer: z.enum(['accepted', 'outputs']),
    waitSeconds: z.int(),
  })
  .meta({ id: 'WebhookTrigger' });

const afterWorkflowTriggerSchema = z
  .object({
    ...shown,
    kind: z.literal('workflow'),
    sourceWorkflowId: z.int(),
    events: z.array(z.enum(endEvents)),
    mapping: z.record(z.string(), z.string()),
    /** Failures in a row; at 20 the trigger pauses. */
    failures: z.int(),
  })
  .meta({ id: 'AfterWorkflowTrigger' });

const newFilesTriggerSchema = z
  .object({
    ...shown,
    kind: z.literal('file'),
    folder: z.string(),
    mapping: z.record(z.string(), z.string()),
    /** Failures in a row; at 20 the trigger pauses. */
    failures: z.int(),
  })
  .meta({ id: 'NewFilesTrigger' });

/** A trigger of any kind; secrets are not in it. */
export const triggerSchema = z
  .discriminatedUnion('kind', [
    scheduleTriggerSchema,
    webhookTriggerSchema,
    afterWorkflowTriggerSchema,
    newFilesTriggerSchema,
  ])
  .meta({ id: 'Trigger' });

/** The secret of a webhook is in this answer only; null where it needs none. */
export const createdTriggerSchema = z
  .discriminatedUnion('kind', [
    scheduleTriggerSchema,
    webhookTriggerSchema.extend({ secret: z.string().nullable() }).meta({ id: 'CreatedWebhook' }),
    afterWorkflowTriggerSchema,
    newFilesTriggerSchema,
  ])
  .meta({ id: 'CreatedTrigger' });
export type CreatedTrigger = z.infer<typeof createdTriggerSchema>;
export type Trigger = z.infer<typeof triggerSchema>;
export type ScheduleTrigger = z.infer<typeof scheduleTriggerSchema>;
export type WebhookTrigger = z.infer<typeof webhookTriggerSchema>;
export type AfterWorkflowTrigger = z.infer<typeof afterWorkflowTriggerSchema>;
/** A trigger by new files. */
export type NewFilesTrigger = z.infer<typeof newFilesTriggerSchema>;

/** All triggers of a workflow. */
export const triggerListSchema = z.object({ items: z.array(triggerSchema) }).meta({ id: 'TriggerList' });

/** The settings of a schedule as they are stored. */
export const scheduleSettingsSchema = z.object({
  version: versionSchema,
  cron: z.string(),
  timeZone: z.string(),
  misfire: z.enum(misfirePolicies),
  misfireLimit: z.int(),
  overlap: z.enum(overlapPolicies),
  startAt: timestampSchema,
});
export type ScheduleSettings = z.infer<typeof scheduleSettingsSchema>;

/** The settings of a webhook as they are stored. */
export const webhookSettingsSchema = z.object({
  version: versionSchema,
  auth: hookAuthSchema,
  hasOldSecret: z.boolean(),
  mapping: z.record(z.string(), z.string()),
  deliveryId: z.string().nullable(),
  answer: z.enum(['accepted', 'outputs']),
  waitSeconds: z.int(),
});
export type WebhookSettings = z.infer<typeof webhookSettingsSchema>;

/** The settings of a trigger by the end of another workflow as they are stored. */
export const afterWorkflowSettingsSchema = z.object({
  version: versionSchema,
  events: z.array(z.enum(endEvents)),
  mapping: z.record(z.string(), z.string()),
});
export type AfterWorkflowSettings = z.infer<typeof afterWorkflowSettingsSchema>;

/** The settings of a trigger by new files as they are stored. */
export const newFilesSettingsSchema = z.object({
  version: versionSchema,
  folder: z.string(),
  mapping: z.record(z.string(), z.string()),
});
/** The same, as a type. */
export type NewFilesSettings = z.infer<typeof newFilesSettingsSchema>;

/** The names of the folders and buckets that triggers of a workspace may watch. */
export const watchedFoldersSchema = z.object({ items: z.array(z.string()) }).meta({ id: 'WatchedFolders' });

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

const triggerFireSchema = z
  .object({
    id: z.uuid(),
    /** The time that it is for; of a delivery, when it arrived. */
    dueAt: timestampSchema,
    status: z.enum(fireStatuses),
    code: z.string().nullable(),
    /** Why it came to that, in words; null where there is nothing to say. */
    reason: z.string().nullable(),
    /** Null: none was started. The run may have been deleted since. */
    runId: z.uuid().nullable(),
  })
  .meta({ id: 'TriggerFire' });
export type TriggerFire = z.infer<typeof triggerFireSchema>;

/** How many of the latest fires are listed. */
export const triggerFiresQuerySchema = z.strictObject({
  /** 1-100. */
  limit: z.coerce.number().int().min(1).max(100).default(10),
});

/** The latest first. */
export const triggerFiresSchema = z
  .object({
    items: z.array(triggerFireSchema),
    /** Of a schedule: the next five times. */
    next: z.array(timestampSchema),
  })
  .meta({ id: 'TriggerFires' });

/** When a schedule would be due, before it is saved. */
export const previewScheduleBodySchema = z.strictObject({
  cron: scheduleFields.cron,
  timeZone: scheduleFields.timeZone.default('UTC'),
  startAt: scheduleFields.startAt.optional(),
});
/** The next times of a schedule that is not there yet. */
export const previewScheduleSchema = z
  .object({ timeZone: z.string(), next: z.array(timestampSchema) })
  .meta({ id: 'SchedulePreview' });

/** What arrived at a webhook. */
export const deliverySchema = z.object({
  receivedAt: timestampSchema,
  query: z.record(z.string(), z.unknown()),
  /** By their names in lower case, without those that hold secrets. */
  headers: z.record(z.string(), z.string()),
  /** JSON and forms are read; else text. */
  body: z.unknown(),
  /** Of a multipart form: the ids of its files by their names in it. */
  files: z.record(z.string(), z.unknown()),
  /** Of the body as it came. */
  bytes: z.int(),
});

/** One fire with what it came from. */
export const fireDetailSchema = triggerFireSchema
  .extend({
    triggerId: z.uuid(),
    /** Null where it came from no delivery, or that is not kept any more. */
    delivery: deliverySchema.nullable(),
  })
  .meta({ id: 'TriggerFireDetail' });
export type FireDetail = z.infer<typeof fireDetailSchema>;

/** Tries a mapping on a delivery; nothing is run. Default: the mapping of the trigger. */
export const tryMappingBodySchema = z.strictObject({ mapping: webhookFields.mapping.optional() });
/** What a mapping makes of a delivery. */
export const triedMappingSchema = z
  .object({
    inputs: z.record(z.string(), z.unknown()),
    /** Why a run would be refused; empty where it would begin. */
    findings: z.array(findingSchema),
  })
  .meta({ id: 'TriedMapping' });

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
