import { lazyPart } from '../../../web/ui/lazy-part.ts';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits the code, with the line of what cannot be read, and the names and types around it. Loaded when first shown. */
export const codeEditor: NodeEditor = {
  type: 'code',
  fields: ['inputs', 'code', 'outputs'],
  Editor: lazyPart(() => import('./CodeEditor.tsx'), 'CodeEditor').Component,
};
