import { TerminalError } from '../../../core/errors/app-error.ts';
import { scheduleSettingsSchema, type ScheduleSettings } from '../../../core/api/schedules.ts';
import {
  listDueTriggers,
  pauseTrigger,
  takeDueTriggers,
  type NewFire,
  type TakenTrigger,
} from '../../../db/triggers/take-due.ts';
import { dueInstants, type Missed } from '../../triggers/due-instants.ts';
import { readSchedule, type Schedule } from '../../triggers/schedule.ts';
import type { Duty } from '../duty.ts';
import { batchSize, type FireContext } from './fire-context.ts';

/** Writes down what is due of schedules, and when each is due next. Any number of servers may do so at once. */
export const takeDue: Duty<FireContext> = {
  name: 'take-due-triggers',
  everyMs: 0,
  run: async ({ pool, newId, now, logger, signal }) => {
    for (;;) {
      const unreadable = new Map<string, string>();
      const due = await listDueTriggers(pool, now(), batchSize);
      const taken = due.flatMap(({ id, settings, nextAt, now: time }): TakenTrigger[] => {
        try {
          const rule = scheduleSettingsSchema.parse(settings);
          return [{ id, ...takenOf(readScheduleOf(rule), rule, nextAt, time, newId) }];
        } catch (error) {
          // Such as a time zone that the tables of this machine do not have any more.
          logger.error({ err: error, triggerId: id }, 'a schedule cannot be read; it is turned off');
          unreadable.set(
            id,
            error instanceof TerminalError ? error.message : 'The schedule cannot be read. Save it anew.',
          );
          return [];
        }
      });
      for (const [id, reason] of unreadable) await pauseTrigger(pool, id, reason);
      const done = await takeDueTriggers(pool, taken);
      // What another server takes at this moment is its business.
      if (due.length < batchSize || done.length === 0 || signal.aborted) return;
    }
  },
};

/** The schedule of settings that were checked when they were saved. */
export function readScheduleOf(settings: ScheduleSettings): Schedule {
  return readSchedule({ ...settings, startAt: new Date(settings.startAt) });
}

function takenOf(
  schedule: Schedule,
  rule: ScheduleSettings,
  nextAt: Date,
  now: Date,
  newId: () => string,
): Omit<TakenTrigger, 'id'> {
  const { fires, missed, next } = dueInstants(schedule, nextAt, now, rule);
  const fireOf = (dueAt: Date, status: NewFire['status'], reason: string | null): NewFire => ({
    id: newId(),
    key: dueAt.toISOString(),
    dueAt,
    status,
    reason,
  });
  return {
    takenAt: nextAt,
    nextAt: next,
    fires: [
      ...(missed === null ? [] : [fireOf(missed.to, 'missed', reasonOf(missed, rule))]),
      ...fires.map((instant) => fireOf(instant, 'due', null)),
    ],
  };
}

const makesUp: Readonly<Record<ScheduleSettings['misfire'], string>> = {
  once: 'It is made up for once.',
  skip: 'Missed times are left out.',
  all: 'The latest ones are made up for.',
};

function reasonOf({ from, to }: Missed, { misfire }: ScheduleSettings): string {
  const times =
    from.getTime() === to.getTime() ? 'at that time' : `from ${from.toISOString()} until ${to.toISOString()}`;
  return `No server ran ${times}. ${makesUp[misfire]}`;
}
