import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** Edits the list of cases: add, name, reorder and remove. Loaded when first shown. */
export const switchEditor: NodeEditor = {
  type: 'switch',
  fields: ['cases'],
  Editor: lazyEditor(() => import('./SwitchEditor.tsx'), 'SwitchEditor'),
};
