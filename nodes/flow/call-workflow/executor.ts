import { defineExecutor } from '../../../core/node-type/executor.ts';
import { callWorkflowNode } from './definition.ts';

/** A run puts the nodes of the called workflow in its place; there is nothing to execute here. */
export const callWorkflowExecutor = defineExecutor(callWorkflowNode, async () => {
  throw new Error('A call of a workflow has no attempt of its own.');
});
