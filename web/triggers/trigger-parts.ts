import type { Misfire, Overlap } from '../../core/api/schedules.ts';
import type { TriggerTools } from './use-triggers.ts';

/** What each part of the page gets. */
export interface TriggerParts {
  workflowId: number;
  tools: TriggerTools;
  canChange: boolean;
  /** JSON Schema of the workflow's inputs. */
  inputs: Readonly<Record<string, unknown>>;
}

/** What becomes of missed times, in words. */
export const misfireWords: Record<Misfire, string> = {
  once: 'run once for all of them',
  skip: 'leave them out',
  all: 'run the latest of them',
};

/** What is done while the run before is going on, in words. */
export const overlapWords: Record<Overlap, string> = {
  skip: 'skip this time',
  queue: 'wait for it',
  cancel: 'cancel it',
};
