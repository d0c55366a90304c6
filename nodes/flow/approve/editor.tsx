import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits buttons and fields; while its node waits for an answer it is where that is given. Loaded when first shown. */
export const approveEditor: NodeEditor = {
  type: 'approve',
  fields: ['buttons', 'fields'],
  below: ['message'],
  Editor: lazyEditor(() => import('./ApproveEditor.tsx'), 'ApproveEditor'),
};
