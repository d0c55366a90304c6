import { defineExecutor } from '../../core/node-type/executor.ts';
import { textNode } from './definition.ts';

export const textExecutor = defineExecutor(textNode, async ({ config }) => ({ output: config.text }));
