import {
  scheduleSettingsSchema,
  type CreateSchedule,
  type ScheduleSettings,
  type ScheduleTrigger,
} from '../../../core/api/schedules.ts';
import type { ChangeTrigger } from '../../../core/api/triggers.ts';
import type { TriggerRow } from '../../../db/triggers/rows.ts';
import { canonicalZone, readSchedule } from '../../../engine/triggers/schedule.ts';
import { shownTrigger } from './shown-trigger.ts';

/** What is stored of a schedule, and when it is due next. */
export interface MadeSchedule {
  readonly settings: ScheduleSettings;
  /** Null: never (again). */
  readonly nextAt: Date | null;
}

type Wanted = Pick<
  CreateSchedule,
  'version' | 'cron' | 'timeZone' | 'misfire' | 'misfireLimit' | 'overlap' | 'startAt'
>;

/** Throws FindingsError where it cannot be read. */
export function newSchedule(wanted: Wanted, now: Date): MadeSchedule {
  const startAt = wanted.startAt === undefined ? now : new Date(wanted.startAt);
  const { version, cron, misfire, misfireLimit, overlap } = wanted;
  const timeZone = canonicalZone(wanted.timeZone);
  const settings = { version, cron, timeZone, misfire, misfireLimit, overlap, startAt: startAt.toISOString() };
  return { settings, nextAt: readSchedule({ cron, timeZone, startAt }).after(now, 1)[0] ?? null };
}

/** A schedule as it is after a change. Times that were due while it was off are none. Throws as `newSchedule` does. */
export function changedSchedule(
  trigger: TriggerRow,
  change: Omit<ChangeTrigger, 'name' | 'enabled' | 'inputs'>,
  enabled: boolean,
  now: Date,
): MadeSchedule {
  const before = scheduleSettingsSchema.parse(trigger.settings);
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const made = newSchedule({ ...before, ...given }, now);
  const { settings } = made;
  const isSame =
    settings.cron === before.cron && settings.timeZone === before.timeZone && settings.startAt === before.startAt;
  if (!enabled) return { settings, nextAt: null };
  return { settings, nextAt: trigger.enabled && isSame ? trigger.nextAt : made.nextAt };
}

/** How many times to come are shown. */
const shownTimes = 5;

/** The next times of a schedule, the one that is due included. */
export function nextOf(trigger: TriggerRow): string[] {
  if (trigger.nextAt === null) return [];
  const settings = scheduleSettingsSchema.parse(trigger.settings);
  const schedule = readSchedule({ ...settings, startAt: new Date(settings.startAt) });
  return [trigger.nextAt, ...schedule.after(trigger.nextAt, shownTimes - 1)].map((instant) => instant.toISOString());
}

/** A schedule as its owner sees it. */
export function shownSchedule(trigger: TriggerRow): ScheduleTrigger {
  return {
    ...shownTrigger(trigger),
    kind: 'schedule',
    ...scheduleSettingsSchema.parse(trigger.settings),
    failures: trigger.failures,
    next: nextOf(trigger),
  };
}
