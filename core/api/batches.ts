import { z } from 'zod';
import { findingSchema, pageOf, pageQuerySchema, timestampSchema } from './common.ts';

/** As many as a list may have elements; more of them are several batches. */
export const maxBatchRows = 10_000;

/** `finished`: every row is over, whatever came of it. */
export const batchStatuses = ['running', 'paused', 'cancelled', 'finished'] as const;
export type BatchStatus = (typeof batchStatuses)[number];

const batchRowStatuses = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type BatchRowStatus = (typeof batchRowStatuses)[number];

/** Values by the names of the workflow's inputs; files by the id of an uploaded one or an address. */
const rowInputsSchema = z.record(z.string().max(255), z.unknown());
const versionSchema = z.union([z.literal('live'), z.literal('draft'), z.int().min(1).max(2_147_483_647)]);

/** Asks for a batch: one run for each row. */
export const createBatchBodySchema = z
  .strictObject({
    /** One run each, in their order. */
    rows: z.array(rowInputsSchema).min(1).max(maxBatchRows),
    /** Default: none. */
    name: z.string().trim().min(1).max(200).optional(),
    /** Runs under way at once at most; one fewer than `RUN_ACTIVE_PER_USER` is the most there ever are. Default 100. */
    window: z.int().min(1).max(1_000).default(100),
    /** The graph is frozen as it is now. Default `live`: what is live, or the draft where nothing was published. */
    version: versionSchema.default('live'),
    /** Whether earlier results may stand in. Default: yes for deterministic nodes, no for the others. */
    useCache: z.boolean().optional(),
  })
  .meta({ id: 'CreateBatch' });

/** Looks at rows without keeping them. */
export const estimateBatchBodySchema = createBatchBodySchema
  .pick({ rows: true, window: true, version: true })
  .meta({ id: 'EstimateBatch' });

/** What a batch would cost and take, and what speaks against it; nothing was started. */
export const batchEstimateSchema = z
  .object({
    total: z.int(),
    /** Why the batch would be refused, the first hundred; `path` names row and input: `rows[3].photo`. */
    findings: z.array(findingSchema),
    /** Recent completed runs of the workflow that the rest goes by. */
    basedOnRuns: z.int(),
    /** In US dollars, for all rows; null where no such run has a known cost. */
    costUsd: z.number().nullable(),
    /** For all rows, with so many at once; null where no such run is known. */
    seconds: z.number().nullable(),
  })
  .meta({ id: 'BatchEstimate' });

/** A batch and how far it has come. */
export const batchSchema = z
  .object({
    id: z.uuid(),
    workflowId: z.int(),
    /** Number of the published version that its rows run; null: a draft. */
    workflowVersion: z.int().positive().nullable(),
    name: z.string().nullable(),
    status: z.enum(batchStatuses),
    /** Why it is paused, where that was done for you; else null. */
    pausedReason: z.string().nullable(),
    window: z.int(),
    /** Rows. All five kinds add up to `total`. */
    total: z.int(),
    queued: z.int(),
    running: z.int(),
    done: z.int(),
    failed: z.int(),
    cancelled: z.int(),
    /** Whoever made it: the e-mail address of a person, the name of a program or of a workspace. */
    startedBy: z.string(),
    /** Of the rows that are over, in US dollars; null where nothing of it has a known price. */
    costUsd: z.number().nullable(),
    /** Until the last row is over, by the pace of the latest ones; null where that is not known. */
    secondsLeft: z.number().nullable(),
    createdAt: timestampSchema,
    finishedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'Batch' });
export type Batch = z.infer<typeof batchSchema>;

/** Batches of a workflow, newest first. */
export const batchPageSchema = pageOf(batchSchema).meta({ id: 'BatchPage' });

const batchRowSchema = z
  .object({
    /** Counted from 1. */
    number: z.int().positive(),
    status: z.enum(batchRowStatuses),
    inputs: rowInputsSchema,
    /** Of its run, by name, as far as there are any; empty where the run was deleted. */
    outputs: z.record(z.string(), z.unknown()),
    /** Null: none was started (yet). The run may have been deleted since. */
    runId: z.uuid().nullable(),
    code: z.string().nullable(),
    error: z.string().nullable(),
    costUsd: z.number().nullable(),
    /** Milliseconds from the start of its run to its end. */
    durationMs: z.int().nullable(),
    finishedAt: timestampSchema.nullable(),
  })
  .meta({ id: 'BatchRow' });
export type BatchRow = z.infer<typeof batchRowSchema>;

/** Which rows are listed; default: all. */
export const batchRowsQuerySchema = pageQuerySchema.extend({ status: z.enum(batchRowStatuses).optional() });
/** Rows of a batch, in their order. */
export const batchRowPageSchema = pageOf(batchRowSchema).meta({ id: 'BatchRowPage' });

/** Asks for new runs of rows that are not done. */
export const retryBatchBodySchema = z
  .strictObject({
    /** `failed` ones alone, or all that are not done. Default `failed`. */
    rows: z.enum(['failed', 'unfinished']).default('failed'),
  })
  .meta({ id: 'RetryBatch' });

/** How the results of a batch are to be saved. */
export const batchExportQuerySchema = z.strictObject({
  /** `csv`: a line for each row, with its inputs and outputs. `zip`: the files that the rows put out, and that table. */
  format: z.enum(['csv', 'zip']).default('csv'),
});
