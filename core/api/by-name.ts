import { z } from 'zod';
import { workspaceRoles } from '../scope.ts';
import { waitQuerySchema } from './runs.ts';
import { slugSchema, versionNumberSchema } from './versions.ts';
import { workflowInterfaceSchema } from './workflows.ts';

/** Every field may be left out where no input has to be given. */
export const runByNameBodySchema = z
  .strictObject({
    /** Values by the names of the workflow's inputs. Nothing is converted. */
    inputs: z.record(z.string().max(255), z.unknown()).optional(),
    /** Whether earlier results may stand in. Default: yes for deterministic nodes, no for the others. */
    useCache: z.boolean().optional(),
  })
  .meta({ id: 'RunByName' });

/** Which published version is meant. */
export const versionQuerySchema = z.strictObject({
  /** Its number. Default: that which is live. */
  version: z.coerce.number().int().positive().max(2_147_483_647).optional(),
});

/** How long to wait for the run, and which version is meant. */
export const runByNameQuerySchema = waitQuerySchema.extend(versionQuerySchema.shape);

/** A published workflow as programs and people see it who do not see its graph. */
export const namedWorkflowSchema = workflowInterfaceSchema
  .extend({
    slug: slugSchema,
    name: z.string(),
    workflowId: z.number().int(),
    /** The workspace that it belongs to; your own one has your id. */
    workspaceId: z.string().optional(),
    /** What you may do with it. */
    role: z.enum(workspaceRoles).optional(),
    /** The version that the rest is of. */
    version: versionNumberSchema,
    /** Where its results come from, in the order of `outputs`; for whoever shows them as they are made. */
    results: z.array(
      z.object({
        name: z.string(),
        /** The `output` node. */
        nodeId: z.string(),
        /** The node whose output it is; null where none is connected. */
        from: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'NamedWorkflow' });
export type NamedWorkflow = z.infer<typeof namedWorkflowSchema>;

/** The OpenAPI 3.1 document of one workflow. */
export const contractDocumentSchema = z.looseObject({ openapi: z.string() }).meta({ id: 'ContractDocument' });
