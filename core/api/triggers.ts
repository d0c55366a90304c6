import { z } from 'zod';
import { createScheduleSchema, scheduleFields, scheduleTriggerSchema } from './schedules.ts';
import { askedFields, inputsSchema, mappingSchema, nameSchema, shownFields, versionSchema } from './trigger-fields.ts';
import { createWebhookSchema, webhookFields, webhookTriggerSchema } from './webhooks.ts';

/** What starts runs by itself. */
export const triggerKinds = ['schedule', 'webhook', 'workflow', 'file'] as const;
export type TriggerKind = (typeof triggerKinds)[number];

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
    ...askedFields,
    /** The workflow whose runs are followed; one of the same workspace, and another one. */
    sourceWorkflowId: z.int().min(1).max(2_147_483_647),
    events: endFields.events.default(['completed']),
    /**
     * By the name of an input: JMESPath (or a JSON pointer) over the run that ended, `{ id, status, error, inputs, outputs, ... }`,
     * such as `outputs.copy`. Files are given by their id.
     */
    mapping: mappingSchema.default({}),
  })
  .meta({ id: 'CreateAfterWorkflow' });
export type CreateAfterWorkflow = z.output<typeof createAfterWorkflowSchema>;

const createNewFilesSchema = z
  .strictObject({
    kind: z.literal('file'),
    ...askedFields,
    /** The name of a folder or bucket that the operator lets be watched. */
    folder: z.string().min(1).max(60),
    /**
     * By the name of an input: JMESPath (or a JSON pointer) over `{ file: { asset, name, path, bytes, mimeType, modifiedAt } }`;
     * `file.asset` is the value of an input that takes a file.
     */
    mapping: mappingSchema.default({}),
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

const afterWorkflowTriggerSchema = z
  .object({
    ...shownFields,
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
    ...shownFields,
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
export type AfterWorkflowTrigger = z.infer<typeof afterWorkflowTriggerSchema>;
/** A trigger by new files. */
export type NewFilesTrigger = z.infer<typeof newFilesTriggerSchema>;

/** All triggers of a workflow. */
export const triggerListSchema = z.object({ items: z.array(triggerSchema) }).meta({ id: 'TriggerList' });

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
