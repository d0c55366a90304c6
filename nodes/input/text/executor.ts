import { defineExecutor } from '../../../core/node-type/executor.ts';
import { textNode } from './definition.ts';

/** Empty text is a result like any other; nothing is thrown. */
export const textExecutor = defineExecutor(textNode, async ({ config }) => ({ output: config.text }));
