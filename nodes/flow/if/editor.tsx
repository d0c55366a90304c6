import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits the condition as one line: the value, an operator and an operand, or an expression. Loaded when first shown. */
export const ifEditor: NodeEditor = {
  type: 'if',
  fields: ['operator', 'operand', 'expression'],
  Editor: lazyEditor(() => import('./IfEditor.tsx'), 'IfEditor'),
};
