import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits the condition as that of `if`. Loaded when first shown. */
export const untilEditor: NodeEditor = {
  type: 'until',
  fields: ['operator', 'operand', 'expression'],
  Editor: lazyEditor(() => import('../if/IfEditor.tsx'), 'IfEditor'),
};
