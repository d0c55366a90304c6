import { z } from 'zod';

/**
 * What processes tell each other after a commit. A notice is a hint: every
 * receiver goes back to Postgres for the facts, and a lost one is made good by
 * polling.
 */
export const noticeSchema = z.discriminatedUnion('kind', [
  /** New rows in run_events, up to `seq`. */
  z.object({ kind: z.literal('events'), runId: z.uuid(), workflowId: z.number().int(), seq: z.number().int() }),
  /** Something happened to a part of the region whose first node has this execution. */
  z.object({ kind: z.literal('parts'), runId: z.uuid(), executionId: z.uuid() }),
  /** The run was cancelled or timed out: stop what runs for it. */
  z.object({ kind: z.literal('stop'), runId: z.uuid() }),
  /** Somebody begins to watch the run: workers tell again what its running attempts have streamed so far. */
  z.object({ kind: z.literal('watched'), runId: z.uuid() }),
  /** A session or key of the user ended, or the user's role changed: look at their live connections. */
  z.object({ kind: z.literal('access'), userId: z.string() }),
  /** Somebody changed the workflow: it is at this version now. */
  z.object({ kind: z.literal('workflow'), workflowId: z.number().int(), version: z.number().int() }),
  /** The workflow belongs to another workspace now: whoever follows it asks again. */
  z.object({ kind: z.literal('moved'), workflowId: z.number().int() }),
  z.object({
    kind: z.literal('progress'),
    runId: z.uuid(),
    workflowId: z.number().int(),
    nodeId: z.string(),
    attempt: z.number().int(),
    percent: z.number(),
    message: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('delta'),
    runId: z.uuid(),
    workflowId: z.number().int(),
    nodeId: z.string(),
    attempt: z.number().int(),
    offset: z.number().int(),
    text: z.string(),
  }),
]);
export type Notice = z.infer<typeof noticeSchema>;
