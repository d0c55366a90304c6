import { z } from 'zod';
import { timestampSchema } from '../api/common.ts';
import { nodeExecutionSchema, runDetailSchema, runSchema } from '../api/runs.ts';

/*
 * Live events. `run.updated` and `node.updated` are rows of run_events: they
 * have a `seq` that grows by one within a run, and are replayed after a
 * reconnect. `node.progress` and `node.delta` are hints that go by the notice
 * channel alone: they carry the `seq` of the newest row they were sent after
 * and may be lost.
 */
const head = {
  runId: z.uuid(),
  workflowId: z.number().int(),
  seq: z.number().int().nonnegative(),
  at: timestampSchema,
};

/** The run's fields stand beside the event's own; `id` is the run. */
export const runUpdatedEventSchema = runSchema.extend({ ...head, type: z.literal('run.updated') });
/** The node execution's fields stand beside the event's own; `id` is the node execution. */
export const nodeUpdatedEventSchema = nodeExecutionSchema.extend({ ...head, type: z.literal('node.updated') });
/** A hint that may be lost: how far an attempt has come, in percent. */
export const nodeProgressEventSchema = z.object({
  ...head,
  type: z.literal('node.progress'),
  nodeId: z.string(),
  attempt: z.number().int(),
  percent: z.number().min(0).max(100),
  message: z.string().nullable(),
});
/** A hint that may be lost: a piece of streamed text. `offset` shows whether one is missing. */
export const nodeDeltaEventSchema = z.object({
  ...head,
  type: z.literal('node.delta'),
  nodeId: z.string(),
  attempt: z.number().int(),
  /** Characters of the text that came before this piece. */
  offset: z.number().int().nonnegative(),
  text: z.string(),
});

/** Everything that `run:event` carries. Only the first two types are stored and replayed. */
export const runEventSchema = z.discriminatedUnion('type', [
  runUpdatedEventSchema,
  nodeUpdatedEventSchema,
  nodeProgressEventSchema,
  nodeDeltaEventSchema,
]);
export type RunEvent = z.infer<typeof runEventSchema>;
export type RunUpdatedEvent = z.infer<typeof runUpdatedEventSchema>;
export type NodeUpdatedEvent = z.infer<typeof nodeUpdatedEventSchema>;

/** Socket.IO messages from the client; each is answered by an acknowledgement. */
export const runSubscribeSchema = z.strictObject({
  runId: z.uuid(),
  /** The newest seq the client has; the rows after it are sent again. */
  afterSeq: z.number().int().nonnegative().optional(),
});
/** A new token for the same user before the old one ends; for tokens that live for a minute. */
export const authRefreshSchema = z.strictObject({ token: z.string().min(1).max(4_096) });
/** Follows every run of a workflow. */
export const workflowSubscribeSchema = z.strictObject({ workflowId: z.number().int().positive() });

/** The answer to `run:subscribe`; `code` is an error code of the API. */
export const runSubscribeAckSchema = z.union([
  z.object({
    ok: z.literal(true),
    /** The run as it was at `seq`. */
    snapshot: runDetailSchema,
    seq: z.number().int(),
  }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);
export type RunSubscribeAck = z.infer<typeof runSubscribeAckSchema>;

/** Names of the messages that a client sends. */
export const clientMessages = {
  authRefresh: 'auth:refresh',
  runSubscribe: 'run:subscribe',
  runUnsubscribe: 'run:unsubscribe',
  workflowSubscribe: 'workflow:subscribe',
  workflowUnsubscribe: 'workflow:unsubscribe',
  partSubscribe: 'part:subscribe',
  partUnsubscribe: 'part:unsubscribe',
} as const;

/** Names of the messages that the server sends. */
export const serverMessages = {
  runEvent: 'run:event',
  workflowUpdated: 'workflow:updated',
  partEvent: 'part:event',
} as const;

/** Status events of a run, as `GET /api/runs/:id/events` has them. */
export const runEventPageSchema = z.object({
  items: z.array(z.discriminatedUnion('type', [runUpdatedEventSchema, nodeUpdatedEventSchema])),
  /** `after` of the next request; null where nothing newer is there. */
  nextAfter: z.number().int().nullable(),
});

/** A followed workflow is at this version: told at the beginning, and whenever somebody has changed it. */
export const workflowUpdatedSchema = z.object({ workflowId: z.number().int(), version: z.number().int() });
export type WorkflowUpdated = z.infer<typeof workflowUpdatedSchema>;
