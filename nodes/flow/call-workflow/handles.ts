import { z } from 'zod';
import { callContractSchema } from '../../../core/graph/call-contract.ts';
import type { NodeHandles } from '../../../core/node-type/definition.ts';

/** What the handles of a call follow from. */
export const shapeOfCall = z.object({ contract: callContractSchema.nullish() });

/** Outputs that every node has. */
const taken: ReadonlySet<string> = new Set(['error', 'errors']);

/** The inputs and results of the called workflow by name. */
export function handlesOfCall({ contract }: z.output<typeof shapeOfCall>): NodeHandles {
  const { inputs = [], outputs = [] } = contract ?? {};
  return {
    inputs: inputs.map(({ name, title, dataType, required }) => ({
      ...{ id: name, title, dataType, onlyByName: true },
      ...(required && { required }),
    })),
    outputs: outputs
      .filter(({ name }) => !taken.has(name))
      .map(({ name, title, dataType }) => ({ id: name, title, dataType })),
  };
}
