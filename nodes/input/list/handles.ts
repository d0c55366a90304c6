import { z } from 'zod';
import { dataTypes, listOf, rowOf } from '../../../core/data-types/table.ts';
import type { NodeHandles } from '../../../core/node-type/definition.ts';

/** What the handles of a list follow from. */
export const shapeOfList = z.object({ type: z.enum(dataTypes).default('text') });

/** A list of its type. */
export function handlesOfList({ type }: z.output<typeof shapeOfList>): NodeHandles {
  const dataType = listOf(type, 1);
  return { inputs: [], outputs: [{ id: 'output', title: rowOf(dataType).title, dataType }] };
}
