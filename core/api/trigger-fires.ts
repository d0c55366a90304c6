import { z } from 'zod';
import { findingSchema, timestampSchema } from './common.ts';
import { mappingSchema } from './trigger-fields.ts';

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
export const tryMappingBodySchema = z.strictObject({ mapping: mappingSchema.optional() });
/** What a mapping makes of a delivery. */
export const triedMappingSchema = z
  .object({
    inputs: z.record(z.string(), z.unknown()),
    /** Why a run would be refused; empty where it would begin. */
    findings: z.array(findingSchema),
  })
  .meta({ id: 'TriedMapping' });
