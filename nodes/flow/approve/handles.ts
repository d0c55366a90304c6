import { z } from 'zod';
import type { NodeHandles, OutputHandle } from '../../../core/node-type/definition.ts';

const shapeOfButton = z.object({ id: z.string(), label: z.string().default('') });

/** What the handles of an approval follow from. Its fields are defined, and checked, in definition.ts. */
export const shapeOfApproval = z.object({ buttons: z.array(shapeOfButton) });

/** One output for each button, and the answer. */
export function handlesOfApproval({ buttons }: z.output<typeof shapeOfApproval>): NodeHandles {
  return {
    inputs: [{ id: 'value', title: 'Value', dataType: 'any', many: true, carries: true }],
    outputs: [
      ...buttons.map(({ id, label }): OutputHandle => ({
        id,
        title: label.trim() === '' ? id : label,
        dataType: 'any',
      })),
      { id: 'answer', title: 'Answer', dataType: 'json' },
    ],
  };
}
