import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Chooses the workflow and its version, says when a newer one is live, and opens what a run does in it. Loaded when first shown. */
export const callWorkflowEditor: NodeEditor = {
  type: 'callWorkflow',
  fields: ['workflowId', 'version', 'contract', 'graph'],
  Editor: lazyEditor(() => import('./CallEditor.tsx'), 'CallEditor'),
};
