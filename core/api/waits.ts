import { z } from 'zod';
import { waitKinds } from '../run/wait.ts';
import { questionButtonSchema, questionFieldSchema } from '../waits/question.ts';
import { pageOf, timestampSchema } from './common.ts';

/** A field, with the rules for its JSON as they are. */
const fieldSchema = questionFieldSchema.extend({ schema: z.record(z.string(), z.unknown()).optional() });

/** What a person is asked by a run. */
export const waitSchema = z
  .object({
    id: z.uuid(),
    workflowId: z.number().int(),
    workflowName: z.string(),
    /** The run as a whole; where the node is in a part of it, `partId` is that part. */
    runId: z.uuid(),
    partId: z.uuid().nullable(),
    nodeId: z.string(),
    nodeType: z.string(),
    nodeLabel: z.string().nullable(),
    kind: z.enum(waitKinds),
    status: z.enum(['open', 'resolved']),
    message: z.string(),
    /** What is to be looked at: what came in, a list of what there is to choose from. */
    value: z.unknown(),
    /** Settings as inputs of a workflow have them, and a type. */
    fields: z.array(fieldSchema),
    buttons: z.array(questionButtonSchema),
    /** How many of `value` are to be chosen; null where nothing is. */
    choice: z.object({ min: z.number().int().nonnegative(), max: z.number().int().nonnegative() }).nullable(),
    createdAt: timestampSchema,
    /** When it ends by itself; null: never. */
    dueAt: timestampSchema.nullable(),
    resolvedAt: timestampSchema.nullable(),
    /** E-mail address of whoever answered, or the name that they gave and "(by link)"; null where nobody did. */
    resolvedBy: z.string().nullable(),
    /** Null while it is open. `answered`, `due`, `expired` or `cancelled`. */
    outcome: z.enum(['answered', 'due', 'expired', 'cancelled']).nullable(),
    /** The button that was pressed; null where none was. */
    action: z.string().nullable(),
    /** Whoever has this address may answer. Left out where nobody may, it is over, or you may not answer yourself. */
    answerUrl: z.string().optional(),
  })
  .meta({ id: 'Wait' });
export type Wait = z.infer<typeof waitSchema>;

/** Open ones: what has waited longest first. Resolved ones: newest first. */
export const waitPageSchema = pageOf(waitSchema)
  .extend({
    /** All open ones, counted up to 1,000. */
    open: z.number().int().nonnegative(),
  })
  .meta({ id: 'WaitPage' });
export type WaitPage = z.infer<typeof waitPageSchema>;

/** An answer to a question. What it may hold depends on the question: WAIT_ANSWER_INVALID names what does not fit. */
export const answerWaitBodySchema = z
  .strictObject({
    /** The id of a button; `choose` where something is to be chosen. */
    action: z.string().min(1).max(255),
    /** Of fields, by name; files by the id of an uploaded one. Those left out stay as they begin. */
    values: z.record(z.string().max(255), z.unknown()).optional(),
    /** What is chosen, by its place in the list, from 0; their order is kept. */
    indices: z.array(z.number().int().nonnegative()).max(10_000).optional(),
  })
  .meta({ id: 'AnswerWait' });
export type AnswerWaitBody = z.input<typeof answerWaitBodySchema>;

/** A question as whoever came by its link sees it: nothing of its run and its workflow. */
export const linkedQuestionSchema = waitSchema
  .pick({ message: true, value: true, fields: true, buttons: true, choice: true, createdAt: true, dueAt: true })
  .meta({ id: 'LinkedQuestion' });
export type LinkedQuestion = z.infer<typeof linkedQuestionSchema>;

/** An answer of whoever came by a link. */
export const answerByLinkBodySchema = answerWaitBodySchema
  .extend({
    /** Who answers, in their own words; kept with the answer. Default: nobody says. */
    name: z
      .string()
      .trim()
      .max(100)
      .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'must not hold invisible characters')
      .optional(),
  })
  .meta({ id: 'AnswerByLink' });

/** What was answered by a link. */
export const answeredByLinkSchema = waitSchema
  .pick({ resolvedAt: true, resolvedBy: true, action: true })
  .meta({ id: 'AnsweredByLink' });
