import { defineExecutor } from '../../../core/node-type/executor.ts';
import { numberNode } from './definition.ts';

/** Puts out its value; nothing is thrown. */
export const numberExecutor = defineExecutor(numberNode, async ({ config }) => ({ output: config.value }));
