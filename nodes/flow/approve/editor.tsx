import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits buttons and fields; while its node waits for an answer it is where that is given. Loaded when first shown. */
export const approveEditor: NodeEditor = {
  type: 'approve',
  fields: ['buttons', 'fields'],
  below: ['message'],
  Editor: lazyPart(() => import('./ApproveEditor.tsx'), 'ApproveEditor').Component,
};
