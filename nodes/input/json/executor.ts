import { defineExecutor } from '../../../core/node-type/executor.ts';
import { jsonNode } from './definition.ts';

/** Puts out its value; nothing is thrown. */
export const jsonExecutor = defineExecutor(jsonNode, async ({ config }) => ({ output: config.value }));
