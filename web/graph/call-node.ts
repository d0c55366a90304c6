/** The type of the nodes that call a workflow. The schemas beside it in core are more than a canvas needs at first. */
export const callNodeType = 'callWorkflow';
