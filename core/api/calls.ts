import { z } from 'zod';
import { callContractSchema } from '../graph/call-contract.ts';
import { versionNumberSchema } from './versions.ts';

/** What a published version takes and gives, for a node that calls it. */
export const workflowContractSchema = callContractSchema
  .extend({
    workflowId: z.number().int(),
    /** Number of the version that is live; null where none is. */
    live: versionNumberSchema.nullable(),
  })
  .meta({ id: 'WorkflowContract' });

const callerSchema = z.object({
  /** The workflow that calls. */
  id: z.number().int(),
  name: z.string(),
  /** Whether its live version calls, or only its draft. */
  live: z.boolean(),
  /** Versions that it calls: numbers, or `live` where it goes along with what is live. */
  versions: z.array(z.union([versionNumberSchema, z.literal('live')])),
});

/** Who calls a workflow, and whether publishing its draft changes anything for them. */
export const workflowCallersSchema = z
  .object({
    items: z.array(callerSchema),
    /** The draft takes or gives something else than the live version. */
    contractChanges: z.boolean(),
  })
  .meta({ id: 'WorkflowCallers' });
