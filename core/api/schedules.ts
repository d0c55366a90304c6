import { z } from 'zod';
import { timestampSchema } from './common.ts';
import { askedFields, shownFields, versionSchema } from './trigger-fields.ts';

/** What becomes of times that were missed while nothing ran: one run for all of them, none, or one for each of the latest. */
export const misfirePolicies = ['once', 'skip', 'all'] as const;
export type Misfire = (typeof misfirePolicies)[number];

/** What is done where the run before is not finished: leave this time out, wait for it, or cancel it. */
export const overlapPolicies = ['skip', 'queue', 'cancel'] as const;
export type Overlap = (typeof overlapPolicies)[number];

/** What says when a schedule is due. */
export const scheduleFields = {
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

/** Asks for a schedule. */
export const createScheduleSchema = z
  .strictObject({
    kind: z.literal('schedule'),
    ...askedFields,
    cron: scheduleFields.cron,
    timeZone: scheduleFields.timeZone.default('UTC'),
    misfire: scheduleFields.misfire.default('once'),
    misfireLimit: scheduleFields.misfireLimit.default(10),
    overlap: scheduleFields.overlap.default('skip'),
    startAt: scheduleFields.startAt.optional(),
  })
  .meta({ id: 'CreateSchedule' });
export type CreateSchedule = z.output<typeof createScheduleSchema>;

/** What is kept of a schedule, and shown. */
const keptFields = {
  cron: z.string(),
  timeZone: z.string(),
  misfire: z.enum(misfirePolicies),
  misfireLimit: z.int(),
  overlap: z.enum(overlapPolicies),
  startAt: timestampSchema,
};

/** A schedule as it is shown. */
export const scheduleTriggerSchema = z
  .object({
    ...shownFields,
    kind: z.literal('schedule'),
    ...keptFields,
    /** Failures in a row; at 20 the schedule pauses. */
    failures: z.int(),
    /** The next five times; empty where it is not enabled. */
    next: z.array(timestampSchema),
  })
  .meta({ id: 'ScheduleTrigger' });

export type ScheduleTrigger = z.infer<typeof scheduleTriggerSchema>;

/** The settings of a schedule as they are stored. */
export const scheduleSettingsSchema = z.object({ version: versionSchema, ...keptFields });
export type ScheduleSettings = z.infer<typeof scheduleSettingsSchema>;

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
