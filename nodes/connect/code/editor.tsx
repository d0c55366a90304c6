import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits the code, with the line of what cannot be read, and the names and types around it. Loaded when first shown. */
export const codeEditor: NodeEditor = {
  type: 'code',
  fields: ['inputs', 'code', 'outputs'],
  Editor: lazyEditor(() => import('./CodeEditor.tsx'), 'CodeEditor'),
};
