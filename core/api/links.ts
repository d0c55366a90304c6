import { z } from 'zod';
import { runStatuses } from '../run/status.ts';
import { timestampSchema } from './common.ts';
import { sourceNameSchema } from './runs.ts';

/*
 * Links to an app: whoever has one runs a published workflow without an account, sees what they started, and nothing else.
 */

const nameSchema = z.string().trim().min(1).max(200);

const linkFields = {
  /** For whom it is; shown to members alone. */
  name: nameSchema.nullable(),
  /** Null: it does not expire. Default: in 30 days. */
  expiresAt: z.iso.datetime({ offset: true }).nullable(),
  /** How many runs it is good for; null: as many as there is room for. Default 100. */
  maxRuns: z.int().min(1).max(1_000_000).nullable(),
  /** The inputs that visitors may give, by name; null: all. The others have their value of `fixed`, or the workflow's own. */
  inputs: z.array(z.string().min(1).max(255)).max(100).nullable(),
  /** Values by the names of inputs that visitors may not give. */
  fixed: z.record(z.string().max(255), z.unknown()),
};

/** A new link; all of it may be left out. */
export const createLinkBodySchema = z
  .strictObject({
    name: linkFields.name.optional(),
    expiresAt: linkFields.expiresAt.optional(),
    maxRuns: linkFields.maxRuns.default(100),
    inputs: linkFields.inputs.default(null),
    fixed: linkFields.fixed.default({}),
  })
  .meta({ id: 'CreateAppLink' });

/** What is left out stays as it is. */
export const changeLinkBodySchema = z
  .strictObject({ ...linkFields, enabled: z.boolean() })
  .partial()
  .meta({ id: 'ChangeAppLink' });

/** `open`: it can be used; else why not. */
const linkStates = ['open', 'off', 'expired', 'used-up'] as const;

/** A link as members of its workspace see it. */
export const appLinkSchema = z
  .object({
    id: z.uuid(),
    workflowId: z.int(),
    name: z.string().nullable(),
    enabled: z.boolean(),
    /** Why it is not enabled, where it was paused for you; else null. */
    pausedReason: z.string().nullable(),
    state: z.enum(linkStates),
    expiresAt: timestampSchema.nullable(),
    maxRuns: z.int().nullable(),
    /** Runs that were begun by it. */
    runs: z.int(),
    inputs: z.array(z.string()).nullable(),
    fixed: z.record(z.string(), z.unknown()),
    createdAt: timestampSchema,
    lastRunAt: timestampSchema.nullable(),
  })
  .meta({ id: 'AppLink' });
/** The same, as a type. */
export type AppLink = z.infer<typeof appLinkSchema>;

/** The links of a workflow, the oldest first. */
export const appLinkListSchema = z.object({ items: z.array(appLinkSchema) }).meta({ id: 'AppLinkList' });

/** `url` is in this answer only: it is kept as a hash. */
export const createdLinkSchema = appLinkSchema.extend({ url: z.string() }).meta({ id: 'CreatedAppLink' });

/** An app as whoever comes by a link sees it. */
export const sharedAppSchema = z
  .object({
    name: z.string(),
    /** JSON Schemas of what may be given, and of what comes of it. */
    inputs: z.record(z.string(), z.unknown()),
    outputs: z.record(z.string(), z.unknown()),
    expiresAt: timestampSchema.nullable(),
    /** Null: it has no limit of its own. */
    runsLeft: z.int().nullable(),
  })
  .meta({ id: 'SharedApp' });
/** The same, as a type. */
export type SharedApp = z.infer<typeof sharedAppSchema>;

/** A run as whoever started it by a link sees it. */
export const sharedRunSchema = z
  .object({
    id: z.uuid(),
    status: z.enum(runStatuses),
    error: z.string().nullable(),
    createdAt: timestampSchema,
    startedAt: timestampSchema.nullable(),
    finishedAt: timestampSchema.nullable(),
    /** Steps that are over, of all. */
    done: z.int(),
    total: z.int(),
    /** Elements of a list that are over while it is gone through; null: none is. */
    list: z.object({ over: z.int(), total: z.int() }).nullable().default(null),
    /** By name, as far as there are any. */
    outputs: z.record(z.string(), z.unknown()),
    /** By the names of outputs, once it has ended: the name of the file that was given and this was made from. */
    sources: z.record(z.string(), sourceNameSchema).default({}),
  })
  .meta({ id: 'SharedRun' });
/** The same, as a type. */
export type SharedRun = z.infer<typeof sharedRunSchema>;

/** The newest first, twenty at most, without what came of them. */
export const sharedRunListSchema = z
  .object({ items: z.array(sharedRunSchema.pick({ id: true, status: true, createdAt: true, finishedAt: true })) })
  .meta({ id: 'SharedRunList' });

/** What a run by a link is started with. */
export const startSharedRunBodySchema = z
  .strictObject({
    /** By the names of inputs. Files by the path of what was uploaded by the same link, or by an address. */
    inputs: z.record(z.string().max(255), z.unknown()).default({}),
  })
  .meta({ id: 'StartSharedRun' });

/** What a stream of a run tells between the run (`run`) and its end (`done`). */
export const sharedRunEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('progress'),
    status: z.enum(runStatuses),
    done: z.int(),
    total: z.int(),
    list: sharedRunSchema.shape.list,
    error: z.string().nullable(),
  }),
  z.object({ type: z.literal('output'), name: z.string(), value: z.unknown() }),
  /** A piece of a text that is being written; `offset`: characters before it. */
  z.object({ type: z.literal('text'), name: z.string(), attempt: z.int(), offset: z.int(), text: z.string() }),
]);
/** The same, as a type. */
export type SharedRunEvent = z.infer<typeof sharedRunEventSchema>;
