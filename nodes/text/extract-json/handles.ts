import { z } from 'zod';
import type { NodeHandles } from '../../../core/node-type/definition.ts';

/** What the handles of an `extractJson` node follow from. */
export const shapeOfExtract = z.object({ as: z.enum(['json', 'text', 'list']).default('json') });

const types = { json: 'json', text: 'text', list: 'list<json>' } as const;

/** One input for the data, and what was found as the type that was asked for. */
export function handlesOfExtract({ as }: z.output<typeof shapeOfExtract>): NodeHandles {
  return {
    inputs: [{ id: 'data', title: 'JSON', dataType: 'json', required: true }],
    outputs: [{ id: 'output', title: 'Result', dataType: types[as] }],
  };
}
