import { z } from 'zod';
import { graphSchema } from '../graph/graph.ts';
import { runStatuses } from '../run/status.ts';
import { workspaceRoles } from '../scope.ts';
import { findingSchema, pageOf, timestampSchema } from './common.ts';

/** 1-255 characters after trimming. Names need not be unique. */
export const workflowNameSchema = z.string().trim().min(1).max(255);

/** A workflow in a list: without its graph, with its newest run where there is one. */
export const workflowSummarySchema = z
  .object({
    id: z.number().int(),
    name: z.string(),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
    /** Its name in addresses; null until it is published. */
    slug: z.string().nullable(),
    /** The number of the published version that programs run; null until it is published. */
    liveVersion: z.number().int().positive().nullable(),
    /** The workspace that it belongs to; your own one has your id. */
    workspaceId: z.string(),
    lastRun: z
      .object({
        id: z.uuid(),
        status: z.enum(runStatuses),
        createdAt: timestampSchema,
        finishedAt: timestampSchema.nullable(),
        /** It waits for a person, a time or a provider, and no node of it runs meanwhile. */
        isWaiting: z.boolean(),
      })
      .optional(),
  })
  .meta({ id: 'WorkflowSummary' });
export type WorkflowSummary = z.infer<typeof workflowSummarySchema>;

/** A workflow with its graph. */
export const workflowSchema = z
  .object({
    id: z.number().int(),
    name: z.string(),
    data: graphSchema,
    /** Counts up with every change; send it back on PUT to notice a concurrent edit. */
    version: z.number().int().positive(),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
    /** Its name in addresses; null until it is published. */
    slug: z.string().nullable(),
    /** The number of the published version that programs run; null until it is published. */
    liveVersion: z.number().int().positive().nullable(),
    /** The `version` that the live one was made from; where it is at another, the draft has changed since. */
    liveDraftVersion: z.number().int().positive().nullable(),
    /** The workspace that it belongs to; your own one has your id. */
    workspaceId: z.string(),
    /** Who last changed it: an e-mail address, or the name of a program. */
    updatedBy: z.string(),
    /** What you may do with it. */
    role: z.enum(workspaceRoles).optional(),
    /** What keeps nodes of it from running, where it was kept as a draft; left out where there is nothing. */
    findings: z.array(findingSchema).optional(),
  })
  .meta({ id: 'Workflow' });
export type Workflow = z.infer<typeof workflowSchema>;

/**
 * Keeps the graph although values in its nodes are not such as can run: they
 * come back as `findings`, and no run takes them. A graph that does not hold
 * together is refused all the same. Default: any finding refuses it.
 */
const draftSchema = z.boolean().default(false);

/** The graph is checked at once. With `draft`, findings about values in its nodes do not refuse it. */
export const createWorkflowBodySchema = z
  .strictObject({ name: workflowNameSchema, data: graphSchema, draft: draftSchema })
  .meta({ id: 'CreateWorkflow' });

/** Fields that are left out stay as they are; without `version`, the last change wins. */
export const updateWorkflowBodySchema = z
  .strictObject({
    name: workflowNameSchema.optional(),
    data: graphSchema.optional(),
    /** The version that this change was made on; a stale one is refused with 409. */
    version: z.number().int().positive().optional(),
    draft: draftSchema,
  })
  .meta({ id: 'UpdateWorkflow' });

/** What a workflow takes and gives by name: two JSON schemas of objects, with hints for forms as node types have them. */
export const workflowInterfaceSchema = z
  .object({
    inputs: z.record(z.string(), z.unknown()),
    outputs: z.record(z.string(), z.unknown()),
    /** The same for as long as both schemas are; lower-case hex. */
    hash: z.string(),
  })
  .meta({ id: 'WorkflowInterface' });

/** A page of workflows, without their graphs. */
export const workflowPageSchema = pageOf(workflowSummarySchema).meta({ id: 'WorkflowPage' });

/** Grows when files are written that older programs cannot read. A file that names none is of the first. */
const workflowFileFormat = 1;

/** A workflow as a file, to be imported elsewhere or kept under version control. */
export const workflowFileSchema = graphSchema
  .extend({ heddle: z.literal('workflow'), format: z.literal(workflowFileFormat), name: z.string() })
  .meta({ id: 'WorkflowFile' });

/** What is told of a file of a later Heddle; null where this one can read it. */
export function newerFormatProblem(file: unknown): string | null {
  const format: unknown = typeof file === 'object' && file !== null && 'format' in file ? file.format : undefined;
  if (format === undefined || format === workflowFileFormat) return null;
  return `This file has format ${JSON.stringify(format).slice(0, 20)}; this Heddle reads ${workflowFileFormat}. Update Heddle, or export the file again.`;
}
export type WorkflowFile = z.infer<typeof workflowFileSchema>;
