import { z } from 'zod';
import { runStatuses } from '../run/status.ts';
import { pageOf } from './common.ts';
import { nodeExecutionSchema, partsProgressSchema } from './runs.ts';

/** One repetition of what a run executes once for each element of a list. */
const partFields = {
  id: z.uuid(),
  /** The part that it lies within; null where that is the run itself. */
  parentId: z.uuid().nullable(),
  /** The place of its element, from 0. */
  index: z.number().int().nonnegative(),
  /** Names its element by content: the same in every run. Further equal ones end in `#2`, `#3` … */
  key: z.string(),
  status: z.enum(runStatuses),
  /** A few words of its element; null where it has none, such as a file. */
  label: z.string().nullable(),
  error: z.string().nullable(),
};

const partSchema = z
  .object({
    ...partFields,
    /** Of the nodes that are repeated, in the order in which they follow one another. */
    nodeExecutions: z.array(nodeExecutionSchema),
  })
  .meta({ id: 'Part' });
export type Part = z.infer<typeof partSchema>;

/** The same without its node executions, as events carry it. */
export const partSummarySchema = z.object(partFields);
export type PartSummary = z.infer<typeof partSummarySchema>;

/** In the order of the elements; those that are not begun yet are missing. */
export const partPageSchema = pageOf(partSchema).meta({ id: 'PartPage' });

/** What somebody may want of a node that goes through a list. */
const listActions = ['pause', 'goOn', 'cancel', 'retryFailed'] as const;
/**
 * `pause`: no further element begins. `goOn`: they do again. `cancel`: none ever will, and the node fails. `retryFailed`: elements
 * that have failed so far are gone through again, as soon as there is room for them; of each what completed is kept.
 */
export type ListAction = (typeof listActions)[number];

/** What is to become of a list that a run goes through. */
export const steerListBodySchema = z
  .strictObject({
    /** Any node that is repeated for the list. */
    nodeId: z.string().min(1).max(255),
    /** The part that the list is gone through in; default: the run itself. */
    partId: z.uuid().optional(),
    action: z.enum(listActions),
    /** Of `retryFailed`: the places of the elements, from 0; those that have not failed are passed over. Default: all that failed. */
    at: z.array(z.number().int().min(0).max(2_147_483_647)).min(1).max(10_000).optional(),
  })
  .refine(({ action, at }) => at === undefined || action === 'retryFailed', {
    path: ['at'],
    error: 'Leave "at" out: it goes with the action "retryFailed".',
  })
  .meta({ id: 'SteerList' });

/** How far a list has come. */
export const steeredListSchema = z
  .object({
    /** The first of the nodes that are repeated together. */
    nodeId: z.string(),
    parts: partsProgressSchema,
  })
  .meta({ id: 'SteeredList' });
/** How far a list has come. */
export type SteeredList = z.infer<typeof steeredListSchema>;
