import { scheduleSettingsSchema, type ScheduleSettings } from '../../../core/api/schedules.ts';
import {
  afterWorkflowSettingsSchema,
  newFilesSettingsSchema,
  type AfterWorkflowSettings,
  type ChangeTrigger,
  type NewFilesSettings,
  type Trigger,
  type TriggerKind,
} from '../../../core/api/triggers.ts';
import { webhookSettingsSchema, type WebhookSettings } from '../../../core/api/webhooks.ts';
import { FindingsError } from '../../../core/errors/findings-error.ts';
import type { TriggerRow } from '../../../db/triggers/rows.ts';
import type { SecretBox } from '../../../providers/secret-box.ts';
import { changedAfterWorkflow, shownAfterWorkflow } from './after-workflow.ts';
import { changedNewFiles, shownNewFiles } from './new-files.ts';
import { changedSchedule, shownSchedule } from './schedules.ts';
import { changedWebhook, shownWebhook, type AddressOptions } from './webhooks.ts';

/** Fields of a change that only one kind has. */
const fieldsOf: Readonly<Record<TriggerKind, readonly string[]>> = {
  schedule: Object.keys(scheduleSettingsSchema.shape),
  webhook: Object.keys(webhookSettingsSchema.shape),
  workflow: Object.keys(afterWorkflowSettingsSchema.shape),
  file: Object.keys(newFilesSettingsSchema.shape),
};

/** What is stored of a trigger by its kind, and when it is due next. */
export interface MadeTrigger {
  readonly settings: ScheduleSettings | WebhookSettings | AfterWorkflowSettings | NewFilesSettings;
  readonly nextAt: Date | null;
}

/** Throws FindingsError where a field is of the other kind, or its value cannot be taken. */
export function changedTrigger(
  trigger: TriggerRow,
  { name: _name, inputs: _inputs, enabled, ...fields }: ChangeTrigger,
  now: Date,
): MadeTrigger {
  const strange = Object.keys(fields).filter((field) => !fieldsOf[trigger.kind].includes(field));
  if (strange.length > 0) {
    throw new FindingsError(
      'FIELD_UNKNOWN',
      `A trigger of the kind ${trigger.kind} has no ${strange.join(', ')}. Leave that out.`,
      strange.map((path) => ({
        code: 'FIELD_UNKNOWN',
        message: `A trigger of the kind ${trigger.kind} has no such field. Leave it out.`,
        path,
      })),
    );
  }
  if (trigger.kind === 'webhook') return { settings: changedWebhook(trigger, fields), nextAt: null };
  if (trigger.kind === 'workflow') return { settings: changedAfterWorkflow(trigger, fields), nextAt: null };
  if (trigger.kind === 'file') return { settings: changedNewFiles(trigger, fields), nextAt: null };
  return changedSchedule(trigger, fields, enabled ?? trigger.enabled, now);
}

/** A trigger as its owner sees it. */
export function shownTrigger(trigger: TriggerRow, box: SecretBox | null, options: AddressOptions): Trigger {
  switch (trigger.kind) {
    case 'webhook':
      return shownWebhook(trigger, box, options);
    case 'workflow':
      return shownAfterWorkflow(trigger);
    case 'file':
      return shownNewFiles(trigger);
    case 'schedule':
      return shownSchedule(trigger);
  }
}
