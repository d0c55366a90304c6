import { z } from 'zod';
import { dataTypes, listOf, maxListDepth, type DataType } from '../data-types/table.ts';

/** The type of the nodes that call a workflow; their `data` is `{ workflowId, version }`. */
export const callNodeType = 'callWorkflow';

const carriedTypes = dataTypes.flatMap((type) =>
  Array.from({ length: maxListDepth + 1 }, (_none, depth) => listOf(type, depth)),
) as [DataType, ...DataType[]];

/** More than anybody can connect. */
const maxHandles = 200;

const member = {
  name: z.string().min(1).max(64),
  /** What people read. */
  title: z.string().max(255),
  dataType: z.enum(carriedTypes),
};

/** What a called workflow takes and gives, as the node that calls it keeps it: its handles follow from that. */
export const callContractSchema = z.object({
  /** What the workflow is called. */
  name: z.string().max(255),
  /** The published version that this is of. */
  version: z.number().int().min(1),
  inputs: z
    .array(
      z.object({
        ...member,
        /** It has no value of its own. */
        required: z.boolean(),
      }),
    )
    .max(maxHandles),
  outputs: z.array(z.object(member)).max(maxHandles),
});
/** What a called workflow takes and gives. */
export type CallContract = z.output<typeof callContractSchema>;
