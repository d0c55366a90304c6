import { z } from 'zod';
import { timestampSchema } from './common.ts';

/**
 * `finished`: a run ended, completed or canceled. `failed`: it failed. One of the two comes of each run. `waiting`: a run asks
 * a person; one comes of each question.
 */
export const callbackEvents = ['finished', 'failed', 'waiting'] as const;
export type CallbackEvent = (typeof callbackEvents)[number];

/** What a message is called in its body, in the form of Standard Webhooks. */
export const messageTypes = ['run.finished', 'run.failed', 'run.waiting'] as const;
export type MessageType = (typeof messageTypes)[number];

const urlSchema = z.string().trim().min(1).max(2_000);
const eventsSchema = z
  .array(z.enum(callbackEvents))
  .min(1)
  .max(callbackEvents.length)
  .transform((events) => [...new Set(events)]);

/** Asks for messages about the runs of a workflow. */
export const createCallbackBodySchema = z
  .strictObject({
    /** Where messages go; a public address. */
    url: urlSchema,
    /** Default: the ends of runs. */
    events: eventsSchema.default(['finished', 'failed']),
  })
  .meta({ id: 'CreateCallback' });

/** What is left out stays as it is. */
export const changeCallbackBodySchema = z
  .strictObject({ url: urlSchema, events: eventsSchema, enabled: z.boolean() })
  .partial()
  .meta({ id: 'ChangeCallback' });

/** An address that is told of runs; its secret is shown once, when it is made. */
export const callbackSchema = z
  .object({
    id: z.uuid(),
    workflowId: z.int(),
    /** To those who may not change it, which takes an admin: its host alone, and `/…`. */
    url: z.string(),
    events: z.array(z.enum(callbackEvents)),
    enabled: z.boolean(),
    /** Messages are signed with two secrets, the old one until you end it. */
    hasOldSecret: z.boolean(),
    /** Why it is not enabled, where that was done for you; else null. */
    pausedReason: z.string().nullable(),
    createdAt: timestampSchema,
  })
  .meta({ id: 'Callback' });
export type Callback = z.infer<typeof callbackSchema>;

/** All callbacks of a workflow. */
export const callbackListSchema = z.object({ items: z.array(callbackSchema) }).meta({ id: 'CallbackList' });

/** The secret that messages are signed with is in this answer only. */
export const createdCallbackSchema = callbackSchema.extend({ secret: z.string() }).meta({ id: 'CreatedCallback' });

/** A new secret, in this answer only. */
export const newCallbackSecretSchema = z.object({ secret: z.string() }).meta({ id: 'NewCallbackSecret' });

const messageStatuses = ['due', 'delivered', 'failed'] as const;

/** One message, and what became of it. */
export const callbackMessageSchema = z
  .object({
    /** With `msg_` before it, the `webhook-id` of the message. */
    id: z.uuid(),
    runId: z.uuid(),
    /** The question that the run waits for; null: the message is about its end. */
    waitId: z.uuid().nullable(),
    event: z.enum(callbackEvents),
    status: z.enum(messageStatuses),
    /** Of eight. */
    tries: z.int(),
    /** When it is sent (again); null: it is delivered, or given up. */
    nextTryAt: timestampSchema.nullable(),
    /** The HTTP status of the last answer; null: there was none. */
    answerStatus: z.int().nullable(),
    error: z.string().nullable(),
    createdAt: timestampSchema,
    sentAt: timestampSchema.nullable(),
  })
  .meta({ id: 'CallbackMessage' });
export type CallbackMessage = z.infer<typeof callbackMessageSchema>;

/** The latest first, 100 at most. */
export const callbackMessagesSchema = z
  .object({ items: z.array(callbackMessageSchema) })
  .meta({ id: 'CallbackMessages' });
