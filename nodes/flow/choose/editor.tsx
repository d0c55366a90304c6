import { lazyEditor } from '../../../web/ui/lazy-editor.tsx';
import type { NodeEditor } from '../../../web/ui/node-editor.ts';

/** While its node waits for an answer, where that is given. Loaded when first shown. */
export const chooseEditor: NodeEditor = {
  type: 'choose',
  fields: [],
  below: ['message', 'min', 'max'],
  Editor: lazyEditor(() => import('./ChooseEditor.tsx'), 'ChooseEditor'),
};
