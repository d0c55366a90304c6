import { z } from 'zod';
import { graphSchema } from '../graph/graph.ts';
import { runStatuses } from '../run/status.ts';
import { pageOf, timestampSchema } from './common.ts';

export const workflowNameSchema = z.string().trim().min(1).max(255);

export const workflowSummarySchema = z
  .object({
    id: z.number().int(),
    name: z.string(),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
    lastRun: z
      .object({
        id: z.uuid(),
        status: z.enum(runStatuses),
        createdAt: timestampSchema,
        finishedAt: timestampSchema.nullable(),
      })
      .optional(),
  })
  .meta({ id: 'WorkflowSummary' });
export type WorkflowSummary = z.infer<typeof workflowSummarySchema>;

export const workflowSchema = z
  .object({
    id: z.number().int(),
    name: z.string(),
    data: graphSchema,
    /** Counts up with every change; send it back on PUT to notice a concurrent edit. */
    version: z.number().int().positive(),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
  })
  .meta({ id: 'Workflow' });
export type Workflow = z.infer<typeof workflowSchema>;

export const createWorkflowBodySchema = z
  .strictObject({ name: workflowNameSchema, data: graphSchema })
  .meta({ id: 'CreateWorkflow' });

export const updateWorkflowBodySchema = z
  .strictObject({
    name: workflowNameSchema.optional(),
    data: graphSchema.optional(),
    /** The version that this change was made on; a stale one is refused with 409. */
    version: z.number().int().positive().optional(),
  })
  .meta({ id: 'UpdateWorkflow' });

export const workflowPageSchema = pageOf(workflowSummarySchema).meta({ id: 'WorkflowPage' });

/** A workflow as a file, to be imported elsewhere or kept under version control. */
export const workflowFileSchema = graphSchema
  .extend({ heddle: z.literal('workflow'), name: z.string() })
  .meta({ id: 'WorkflowFile' });
export type WorkflowFile = z.infer<typeof workflowFileSchema>;
