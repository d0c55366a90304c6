import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits the condition as that of `if`. Loaded when first shown. */
export const untilEditor: NodeEditor = {
  type: 'until',
  fields: ['operator', 'operand', 'expression'],
  Editor: lazyPart(() => import('../if/IfEditor.tsx'), 'IfEditor').Component,
};
