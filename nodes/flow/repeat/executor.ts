import { defineExecutor } from '../../../core/node-type/executor.ts';
import { valueIn } from '../if/executor-conditions.ts';
import { repeatNode } from './definition.ts';

/** What a lap gets: the value that comes in, or that of the lap before. */
export const repeatExecutor = defineExecutor(repeatNode, async ({ inputs }) => ({ output: valueIn(inputs) }));
