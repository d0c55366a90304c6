import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

export const ifEditor: NodeEditor = {
  type: 'if',
  fields: ['operator', 'operand', 'expression'],
  Editor: lazyPart(() => import('./IfEditor.tsx'), 'IfEditor').Component,
};
