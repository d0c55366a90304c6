import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits the condition as one line: the value, an operator and an operand, or an expression. Loaded when first shown. */
export const ifEditor: NodeEditor = {
  type: 'if',
  fields: ['operator', 'operand', 'expression'],
  Editor: lazyPart(() => import('./IfEditor.tsx'), 'IfEditor').Component,
};
