import type { TriggerRow } from '../../../db/triggers/rows.ts';

/** What people see of any trigger, whatever starts it. */
export function shownTrigger(trigger: TriggerRow) {
  const { id, workflowId, name, enabled, pausedReason, inputs } = trigger;
  return {
    ...{ id, workflowId, name, enabled, pausedReason, inputs },
    createdAt: trigger.createdAt.toISOString(),
    updatedAt: trigger.updatedAt.toISOString(),
  };
}
