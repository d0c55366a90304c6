import { z } from 'zod';
import type { DataType } from '../../../core/data-types/table.ts';
import type { NodeHandles } from '../../../core/node-type/definition.ts';

const shapeOfValues = z.array(z.object({ id: z.string(), name: z.string(), type: z.string().default('any') }));

/** What the handles of code follow from. Its fields are defined, and checked, in definition.ts. */
export const shapeOfCode = z.object({ inputs: shapeOfValues, outputs: shapeOfValues });

/** The values around the code, and what it has written to its console. */
export function handlesOfCode({ inputs, outputs }: z.output<typeof shapeOfCode>): NodeHandles {
  const handleOf = ({ id, name, type }: (typeof inputs)[number]) => ({ id, title: name, dataType: type as DataType });
  return {
    inputs: inputs.map(handleOf),
    outputs: [...outputs.map(handleOf), { id: 'console', title: 'Console', dataType: 'text' }],
  };
}
