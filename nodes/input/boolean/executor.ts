import { defineExecutor } from '../../../core/node-type/executor.ts';
import { booleanNode } from './definition.ts';

/** Puts out its value; nothing is thrown. */
export const booleanExecutor = defineExecutor(booleanNode, async ({ config }) => ({ output: config.value }));
