import { z } from 'zod';
import { chosenElementsSchema } from '../graph/each.ts';
import { maxVariants } from '../graph/variants.ts';
import { nodeExecutionStatuses, runModes, runStatuses, skipReasons, triggerTypes } from '../run/status.ts';
import { pageOf, timestampSchema } from './common.ts';

/** What a language model counted for one answer. */
export const modelUsageSchema = z
  .object({
    inputTokens: z.number().int().nonnegative(),
    outputTokens: z.number().int().nonnegative(),
    /** By the price of that day, in US dollars; null or missing where the model has no known price. */
    costUsd: z.number().nonnegative().nullable().optional(),
  })
  .meta({ id: 'ModelUsage' });
export type ModelUsage = z.infer<typeof modelUsageSchema>;

/** How far a node has come that is executed once for each element of a list. All but `cached` add up to `total`. */
export const partsProgressSchema = z
  .object({
    /** Elements. */
    total: z.number().int().nonnegative(),
    /** Not begun yet. */
    queued: z.number().int().nonnegative(),
    running: z.number().int().nonnegative(),
    /** For a person, a moment or somebody else's work. */
    waiting: z.number().int().nonnegative(),
    /** Completed, those of `cached` included. */
    done: z.number().int().nonnegative(),
    /** Of `done`: taken from the cache or from the run that this one retries. */
    cached: z.number().int().nonnegative(),
    failed: z.number().int().nonnegative(),
    /** Not begun any more, or canceled. */
    skipped: z.number().int().nonnegative(),
    /** Somebody has paused it: no further element begins. Missing: nobody has. */
    paused: z.literal(true).optional(),
    /** Who did, by e-mail address or name. Missing where nobody knows. */
    pausedBy: z.string().optional(),
  })
  .meta({ id: 'PartsProgress' });
export type PartsProgress = z.infer<typeof partsProgressSchema>;

/** One node of one run, with its latest attempt. */
export const nodeExecutionSchema = z
  .object({
    id: z.uuid(),
    runId: z.uuid(),
    nodeId: z.string(),
    nodeType: z.string(),
    nodeLabel: z.string().nullable(),
    status: z.enum(nodeExecutionStatuses),
    /** A COMPLETED whose output was taken from an earlier execution. */
    cached: z.boolean(),
    /** Counted from 1. */
    attempt: z.number().int().positive(),
    /** One key per connected input handle. */
    inputData: z.record(z.string(), z.unknown()).nullable(),
    /** One key per output handle that has a value. Of a failure that was handled: `error`, with code, message and attempts. */
    outputData: z.record(z.string(), z.unknown()).nullable(),
    error: z.string().nullable(),
    errorCode: z.string().nullable(),
    queuedAt: timestampSchema.nullable(),
    startedAt: timestampSchema.nullable(),
    finishedAt: timestampSchema.nullable(),
    /** Milliseconds from start to finish of the last attempt. */
    duration: z.number().int().nonnegative().nullable(),
    /** The worker session that holds or held the last attempt. */
    workerId: z.uuid().nullable(),
    /** Null where no model was asked, or its provider does not say. */
    usage: modelUsageSchema.nullable(),
    /** Of a SKIPPED one: `branch`, its branch was not taken, which is no failure; `failed`, what it depends on failed. */
    skipReason: z.enum(skipReasons).nullable(),
    /** Edges into a node that a branch leads to, by id: a value came over, or none ever will. Open ones are missing. Else null. */
    edges: z.record(z.string(), z.enum(['live', 'dead'])).nullable(),
    /** Of the first node of those that are executed once for each element, once these are known; null for all others. */
    parts: partsProgressSchema.nullable(),
    /** The part of the run that it belongs to; null where it belongs to the run itself. */
    partId: z.uuid().nullable(),
  })
  .meta({ id: 'NodeExecution' });
export type NodeExecution = z.infer<typeof nodeExecutionSchema>;

/** A run without its nodes, as lists show it. */
export const runSchema = z
  .object({
    id: z.uuid(),
    workflowId: z.number().int(),
    /** Number of the frozen graph that this run executes. */
    workflowVersionId: z.string(),
    /** Number of the published version that it executes; null: the draft. */
    workflowVersion: z.number().int().positive().nullable(),
    triggerType: z.enum(triggerTypes),
    mode: z.enum(runModes),
    /** The node ids that were asked for; null for the whole workflow. */
    nodeIds: z.array(z.string()).nullable(),
    status: z.enum(runStatuses),
    error: z.string().nullable(),
    createdAt: timestampSchema,
    startedAt: timestampSchema.nullable(),
    finishedAt: timestampSchema.nullable(),
    /** `seq` of the newest event. */
    seq: z.number().int().nonnegative(),
    /** The run that this one retries. */
    retryOf: z.uuid().nullable(),
    /** Whoever started it: the e-mail address of a person, the name of a program or of a workspace. */
    startedBy: z.string(),
    /** The workspace that it belongs to; your own one has your id. */
    workspaceId: z.string(),
    /** Nodes that failed and whose error output led on; they do not make the run FAILED. */
    handledFailures: z.number().int().nonnegative(),
  })
  .meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof runSchema>;

/** A run with every node execution. */
export const runDetailSchema = runSchema
  .extend({
    nodeExecutions: z.array(nodeExecutionSchema),
    /** The values of the workflow's inputs by name, as this run has them; files by their address. */
    inputs: z.record(z.string(), z.unknown()),
    /** What has arrived so far at the workflow's outputs, by name. */
    outputs: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Run' });
export type RunDetail = z.infer<typeof runDetailSchema>;
/** A run as its rows are; what it has by name stands in its graph. */
export type RunRecord = Omit<RunDetail, 'inputs' | 'outputs'>;

/** The name of the file that a value was made from, for a list one for each element; null: none, or several. */
export const sourceNameSchema = z.union([z.string(), z.null(), z.array(z.string().nullable())]);

/** What a run put out, as a file. */
export const runFileSchema = z
  .object({
    heddle: z.literal('run'),
    id: z.uuid(),
    workflowId: z.number().int(),
    status: z.enum(runStatuses),
    outputs: z.array(
      nodeExecutionSchema.pick({ nodeId: true, nodeLabel: true, status: true, outputData: true }).extend({
        /** By handle: the name, without its ending, of the file that was put in and this was made from. */
        sources: z.record(z.string(), sourceNameSchema).default({}),
        /** It was put in: the node has no inputs. */
        given: z.boolean().default(false),
      }),
    ),
  })
  .meta({ id: 'RunFile' });
export type RunFile = z.infer<typeof runFileSchema>;

/** Every field may be left out: then the whole workflow runs. */
export const startRunBodySchema = z
  .strictObject({
    /** Needed for every mode but `all`. */
    nodeIds: z.array(z.string().min(1).max(255)).min(1).max(10_000).optional(),
    /**
     * `selected` runs just these nodes, `from` these and everything after them,
     * `to` these and everything before them. Default `all`, or `selected` when `nodeIds` is given.
     */
    mode: z.enum(runModes).optional(),
    /** Whether earlier results may stand in. Default: yes for deterministic nodes, no for the others. */
    useCache: z.boolean().optional(),
    /**
     * Has no effect: the door that a run comes in by says who starts it. A person's session is `MANUAL`, an API key `API`.
     * What only the installation itself sets is refused.
     */
    triggerType: z
      .enum(['MANUAL', 'API'], {
        error: 'Leave triggerType out: all but MANUAL and API are set by what they name, never by a request',
      })
      .optional(),
    /**
     * Values for the workflow's inputs by name, as `GET /api/workflows/:id/interface` describes them; files by the id of an
     * uploaded one or an address. Nothing is converted. A run of a part needs none: nodes have their own values.
     */
    inputs: z.record(z.string().max(255), z.unknown()).optional(),
    /** The version of the draft that is meant; where it is at another one, the answer is 409 and nothing runs. */
    version: z.number().int().positive().optional(),
    /**
     * Whether the draft runs rather than the published version that is live. Default: yes where a `version` of the draft
     * or a part of it is meant, and where nothing was published; else no.
     */
    draft: z.boolean().optional(),
    /**
     * Runs one node of the draft several times at once, each time with other settings: `changes` are laid over its `data`, one
     * variant each, and a key that is null is taken out. The graph of the run holds what the node needs and the variants
     * of it, with ids of their own. `mode` is `selected` (default: earlier results of what it needs are reused) or `to`. Needs
     * the scope `write`, since a variant may do anything that a node may.
     */
    variants: z
      .strictObject({
        nodeId: z.string().min(1).max(255),
        changes: z
          .array(z.record(z.string().max(255), z.unknown()))
          .min(1)
          .max(maxVariants),
      })
      .optional(),
    /**
     * Goes through some elements of a list alone, to try things: of the list that the node goes through, the first so many, or those
     * at these places, from 0. What comes after it gets a list of these.
     */
    elements: z.strictObject({ nodeId: z.string().min(1).max(255), only: chosenElementsSchema }).optional(),
  })
  .refine(
    ({ variants, nodeIds, mode }) =>
      variants === undefined || (nodeIds === undefined && (mode === undefined || mode === 'selected' || mode === 'to')),
    { path: ['variants'], error: 'With variants, leave nodeIds out; mode is "selected" or "to"' },
  )
  .meta({ id: 'StartRun' });
export type StartRunBody = z.input<typeof startRunBodySchema>;

/** Whether a request to run a workflow by its id means the draft; else what is live, where anything is. */
export function meansDraft({
  draft,
  version,
  mode,
  nodeIds,
  variants,
}: Pick<z.output<typeof startRunBodySchema>, 'draft' | 'version' | 'mode' | 'nodeIds' | 'variants'>): boolean {
  const isPart = nodeIds !== undefined || variants !== undefined || (mode !== undefined && mode !== 'all');
  return draft ?? (version !== undefined || isPart);
}

/** When `wait` runs out first, the answer shows the run as it stands then. */
export const waitQuerySchema = z.strictObject({
  /** Seconds to wait for the end of the run before answering, 0-60. */
  wait: z.coerce.number().min(0).max(60).default(0),
});

/** Newest first, without node executions. */
export const runPageSchema = pageOf(runSchema).meta({ id: 'RunPage' });
