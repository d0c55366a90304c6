import { z } from 'zod';
import { timestampSchema } from './common.ts';

/** What starts runs by itself. */
export const triggerKinds = ['schedule', 'webhook'] as const;
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

/** Failures in a row after which a schedule pauses itself: a night of one each half hour. */
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

export const createTriggerBodySchema = z.discriminatedUnion('kind', [createScheduleSchema]);

/** What is left out stays as it is. */
export const changeTriggerBodySchema = z
  .strictObject({
    name: nameSchema.nullable(),
    enabled: z.boolean(),
    inputs: inputsSchema,
    version: versionSchema,
    ...scheduleFields,
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

export const triggerSchema = z.discriminatedUnion('kind', [scheduleTriggerSchema]).meta({ id: 'Trigger' });
export type Trigger = z.infer<typeof triggerSchema>;
export type ScheduleTrigger = z.infer<typeof scheduleTriggerSchema>;

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

export const triggerFireSchema = z
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
export const previewScheduleSchema = z
  .object({ timeZone: z.string(), next: z.array(timestampSchema) })
  .meta({ id: 'SchedulePreview' });
